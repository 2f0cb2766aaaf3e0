/* A stand-in for NVIDIA's libnvidia-ml.so.1, so that the real pynvml can be tested without a GPU.
 *
 * nvmlInit reads the script named by the environment variable NVML_STAND_IN; without one it says that there is no
 * library. Lines of a script, in any order after their gpu; what stands before the first gpu is of the whole driver:
 *
 *   start T                    the moment of CLOCK_MONOTONIC, in seconds, that the script calls 0
 *   gpu UUID ARCHITECTURE NAME…   the next board; 5 Volta, 7 Ampere, 9 Hopper
 *   power T WATTS              a point of its power curve: straight lines between, level before and after
 *   gain FACTOR                what its meter makes of the true power
 *   counter STEP_S BASE_J      its energy counter and how often it moves; left out: not supported
 *   sensor EVERY_S SEEN_S      its power is told every EVERY_S, as the mean of the SEEN_S before
 *   plain SEEN_S               the same for the plain power call and the average field, where it differs
 *   limit WATTS                its power limit; left out: not supported
 *   mig UUID                   a MIG device of it; MIG mode is then on
 *   process PID NAME…          who else is on it
 *   reset T CODE               the driver is reloaded: its counter starts again, and handles from before give CODE
 *   fault FUNCTION FROM UNTIL CODE   an error in a stretch of time; field186 is one field
 *   hang FUNCTION FROM UNTIL SECONDS   a call that does not come back for so long
 *
 * Build with -DWITHOUT_nvmlXyz to leave a symbol out, as old drivers do.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { OK = 0, UNINITIALIZED = 1, INVALID = 2, NOT_SUPPORTED = 3, NOT_FOUND = 6, TOO_SMALL = 7, NO_LIBRARY = 12 };
enum { GPUS = 16, POINTS = 20000, RULES = 64, MIGS = 8, PROCESSES = 32, TEXT = 96 };

typedef struct { int gpu, hang, code; char function[TEXT]; double from_s, until_s, seconds; } Rule;
typedef struct { unsigned pid; char name[TEXT]; } Process;
typedef struct { double t_s, watts, before_j; } Point;                 /* before_j: the area under the curve so far */
typedef struct {
    char uuid[TEXT], name[TEXT], migs[MIGS][TEXT];
    int architecture, points, mig_count, process_count, has_counter, reset_code;
    double gain, step_s, base_j, every_s, seen_s, plain_s, limit_w, reset_s;
    Point *point;
    Process process[PROCESSES];
} Gpu;
typedef struct { int gpu, mig, after_reset; } Handle;                    /* mig: -1 for the board itself */
typedef struct { uint32_t field, scope; int64_t timestamp, latency; int type, result; union { double d; unsigned u; uint64_t ll; } value; } Field;
typedef struct { unsigned pid; unsigned long long memory; unsigned gpu_instance, compute_instance; } ProcessInfo;

double nvml_stand_in_now_s = -1;         /* a test's own clock, in the script's seconds; the real one where negative */

static Gpu gpus[GPUS];
static Handle handles[GPUS][MIGS + 1][2];                               /* static: a handle of old stays readable */
static Rule rules[RULES];
static int gpu_count, rule_count, ready;
static double start_s;

static double now_s(void) {
    struct timespec t;
    if (nvml_stand_in_now_s >= 0) return nvml_stand_in_now_s;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9 - start_s;
}

/* ---- the curve ---- */

static double area_j(const Gpu *gpu, double t_s) {                      /* from the first point to t_s; below 0 before */
    const Point *p = gpu->point;
    int low = 0, high = gpu->points - 1;
    if (gpu->points == 0) return 0;
    if (t_s <= p[0].t_s) return (t_s - p[0].t_s) * p[0].watts;
    if (t_s >= p[high].t_s) return p[high].before_j + (t_s - p[high].t_s) * p[high].watts;
    while (high - low > 1) {
        int middle = (low + high) / 2;
        if (p[middle].t_s <= t_s) low = middle; else high = middle;
    }
    double into_s = t_s - p[low].t_s, slope = (p[high].watts - p[low].watts) / (p[high].t_s - p[low].t_s);
    return p[low].before_j + into_s * (p[low].watts + slope * into_s / 2);
}

static double last_tick_s(double t_s, double every_s) {                 /* when a thing that moves every so often last moved */
    long long ticks = (long long)(t_s / every_s);
    if (ticks * every_s > t_s) ticks--;
    return every_s > 0 ? ticks * every_s : t_s;
}

static unsigned power_mw(const Gpu *gpu, double seen_s) {
    double told_s = gpu->every_s > 0 ? last_tick_s(now_s(), gpu->every_s) : now_s();
    return (unsigned)(gpu->gain * 1000 * (area_j(gpu, told_s) - area_j(gpu, told_s - seen_s)) / seen_s + 0.5);
}

/* ---- the script ---- */

static void read_script(FILE *file) {
    char line[512], word[TEXT], rest[TEXT], text[TEXT];
    gpu_count = rule_count = 0;
    start_s = 0;
    while (fgets(line, sizeof line, file)) {
        Gpu *gpu = gpu_count ? &gpus[gpu_count - 1] : NULL;
        double a = 0, b = 0, c = 0;
        int at = 0;
        if (sscanf(line, "%95s %n", word, &at) != 1) continue;
        char *arguments = line + at;
        arguments[strcspn(arguments, "\n")] = 0;
        if (!strcmp(word, "start")) sscanf(arguments, "%lf", &start_s);
        else if (!strcmp(word, "fault") || !strcmp(word, "hang")) {
            if (rule_count == RULES || sscanf(arguments, "%95s %lf %lf %lf", text, &a, &b, &c) != 4) continue;
            Rule *rule = &rules[rule_count++];
            *rule = (Rule){ .gpu = gpu_count - 1, .hang = word[0] == 'h', .code = (int)c, .from_s = a, .until_s = b, .seconds = c };
            strcpy(rule->function, text);
        } else if (!strcmp(word, "gpu") && gpu_count < GPUS) {
            gpu = &gpus[gpu_count++];
            Point *point = gpu->point ? gpu->point : malloc(POINTS * sizeof(Point));
            *gpu = (Gpu){ .gain = 1, .seen_s = 0.001, .plain_s = -1, .point = point, .reset_s = 1e300 };
            sscanf(arguments, "%95s %d %95[^\n]", gpu->uuid, &gpu->architecture, gpu->name);
        } else if (!gpu) continue;
        else if (!strcmp(word, "power") && gpu->points < POINTS && sscanf(arguments, "%lf %lf", &a, &b) == 2) {
            Point *p = &gpu->point[gpu->points++];
            *p = (Point){ .t_s = a, .watts = b };
            if (gpu->points > 1) p->before_j = p[-1].before_j + (a - p[-1].t_s) * (b + p[-1].watts) / 2;
        } else if (!strcmp(word, "gain")) sscanf(arguments, "%lf", &gpu->gain);
        else if (!strcmp(word, "counter")) gpu->has_counter = sscanf(arguments, "%lf %lf", &gpu->step_s, &gpu->base_j) == 2;
        else if (!strcmp(word, "sensor")) sscanf(arguments, "%lf %lf", &gpu->every_s, &gpu->seen_s);
        else if (!strcmp(word, "plain")) sscanf(arguments, "%lf", &gpu->plain_s);
        else if (!strcmp(word, "limit")) sscanf(arguments, "%lf", &gpu->limit_w);
        else if (!strcmp(word, "reset")) sscanf(arguments, "%lf %d", &gpu->reset_s, &gpu->reset_code);
        else if (!strcmp(word, "mig") && gpu->mig_count < MIGS) sscanf(arguments, "%95s", gpu->migs[gpu->mig_count++]);
        else if (!strcmp(word, "process") && gpu->process_count < PROCESSES && sscanf(arguments, "%lf %95[^\n]", &a, rest) == 2) {
            Process *process = &gpu->process[gpu->process_count++];
            process->pid = (unsigned)a;
            strcpy(process->name, rest);
        }
    }
}

/* ---- what every call begins with ---- */

static int rule_for(const char *function, int gpu) {                    /* the scripted error, after any scripted hang */
    double now = now_s();
    int code = OK;
    for (int i = 0; i < rule_count; i++) {
        const Rule *rule = &rules[i];
        if (strcmp(rule->function, function) || (rule->gpu >= 0 && rule->gpu != gpu) || now < rule->from_s || now >= rule->until_s) continue;
        if (!rule->hang) { code = rule->code; continue; }
        struct timespec pause = { (time_t)rule->seconds, (long)((rule->seconds - (time_t)rule->seconds) * 1e9) };
        nanosleep(&pause, NULL);
    }
    return code;
}

static int enter(const char *function, const Handle *handle, Gpu **gpu) {
    if (!ready) return UNINITIALIZED;
    if (!handle || handle->gpu >= gpu_count) return INVALID;
    *gpu = &gpus[handle->gpu];
    if (now_s() >= (*gpu)->reset_s && !handle->after_reset && (*gpu)->reset_code) return (*gpu)->reset_code;
    return rule_for(function, handle->gpu);
}

static Handle *handle_of(int gpu, int mig) {
    int after = now_s() >= gpus[gpu].reset_s;
    Handle *handle = &handles[gpu][mig + 1][after];
    *handle = (Handle){ gpu, mig, after };
    return handle;
}

#define ENTER Gpu *gpu; int code = enter(__func__, handle, &gpu); if (code) return code

/* ---- NVML ---- */

int nvmlInitWithFlags(unsigned flags) {
    const char *path = getenv("NVML_STAND_IN");
    FILE *file = path && *path ? fopen(path, "r") : NULL;
    (void)flags;
    if (!file) return NO_LIBRARY;
    read_script(file);
    fclose(file);
    int code = rule_for("nvmlInit", -1);
    ready = code == OK;
    return code;
}
int nvmlInit_v2(void) { return nvmlInitWithFlags(0); }
int nvmlShutdown(void) { ready = 0; return OK; }
const char *nvmlErrorString(int code) { (void)code; return "an error that the stand-in made up"; }

int nvmlSystemGetDriverVersion(char *text, unsigned size) { snprintf(text, size, "000.00 stand-in"); return ready ? OK : UNINITIALIZED; }

int nvmlDeviceGetCount_v2(unsigned *count) {
    *count = gpu_count;
    return ready ? rule_for("nvmlDeviceGetCount", -1) : UNINITIALIZED;
}
int nvmlDeviceGetHandleByIndex_v2(unsigned index, Handle **handle) {
    if (!ready) return UNINITIALIZED;
    if (index >= (unsigned)gpu_count) return INVALID;
    *handle = handle_of(index, -1);
    return rule_for("nvmlDeviceGetHandleByIndex", index);
}
int nvmlDeviceGetHandleByUUID(const char *uuid, Handle **handle) {
    if (!ready) return UNINITIALIZED;
    for (int i = 0; i < gpu_count; i++) {
        for (int mig = -1; mig < gpus[i].mig_count; mig++)
            if (!strcmp(uuid, mig < 0 ? gpus[i].uuid : gpus[i].migs[mig])) {
                *handle = handle_of(i, mig);
                return rule_for(__func__, i);
            }
    }
    return NOT_FOUND;
}
int nvmlDeviceGetUUID(Handle *handle, char *text, unsigned size) {
    ENTER;
    snprintf(text, size, "%s", handle->mig < 0 ? gpu->uuid : gpu->migs[handle->mig]);
    return OK;
}
int nvmlDeviceGetName(Handle *handle, char *text, unsigned size) { ENTER; snprintf(text, size, "%s", gpu->name); return OK; }
#ifndef WITHOUT_nvmlDeviceGetArchitecture
int nvmlDeviceGetArchitecture(Handle *handle, unsigned *architecture) { ENTER; *architecture = gpu->architecture; return OK; }
#endif
int nvmlDeviceGetPowerUsage(Handle *handle, unsigned *mw) {
    ENTER;
    *mw = power_mw(gpu, gpu->plain_s > 0 ? gpu->plain_s : gpu->seen_s);
    return OK;
}
#ifndef WITHOUT_nvmlDeviceGetTotalEnergyConsumption
int nvmlDeviceGetTotalEnergyConsumption(Handle *handle, unsigned long long *mj) {
    ENTER;
    if (!gpu->has_counter) return NOT_SUPPORTED;
    double moved_s = gpu->step_s > 0 ? last_tick_s(now_s(), gpu->step_s) : now_s(), since_s = 0, base_j = gpu->base_j;
    if (now_s() >= gpu->reset_s) { since_s = gpu->reset_s; base_j = 0; if (moved_s < since_s) moved_s = since_s; }
    *mj = (unsigned long long)(1000 * (base_j + gpu->gain * (area_j(gpu, moved_s) - area_j(gpu, since_s))) + 0.5);
    return OK;
}
#endif
#ifndef WITHOUT_nvmlDeviceGetEnforcedPowerLimit
int nvmlDeviceGetEnforcedPowerLimit(Handle *handle, unsigned *mw) {
    ENTER;
    *mw = (unsigned)(gpu->limit_w * 1000);
    return gpu->limit_w > 0 ? OK : NOT_SUPPORTED;
}
#endif
#ifndef WITHOUT_nvmlDeviceGetFieldValues
int nvmlDeviceGetFieldValues(Handle *handle, int count, Field *fields) {
    ENTER;
    for (int i = 0; i < count; i++) {
        char name[TEXT];
        snprintf(name, sizeof name, "field%u", fields[i].field);
        fields[i].result = rule_for(name, handle->gpu);
        if (fields[i].field != 185 && fields[i].field != 186) fields[i].result = NOT_SUPPORTED;
        fields[i].type = 1;                                             /* unsigned int */
        fields[i].value.u = power_mw(gpu, fields[i].field == 185 && gpu->plain_s > 0 ? gpu->plain_s : gpu->seen_s);
    }
    return OK;
}
#endif
#ifndef WITHOUT_nvmlDeviceGetMigMode
int nvmlDeviceGetMigMode(Handle *handle, unsigned *current, unsigned *pending) {
    ENTER;
    *current = *pending = gpu->mig_count > 0;
    return OK;
}
int nvmlDeviceGetMaxMigDeviceCount(Handle *handle, unsigned *count) { ENTER; *count = gpu->mig_count ? MIGS : 0; return OK; }
int nvmlDeviceGetMigDeviceHandleByIndex(Handle *handle, unsigned index, Handle **mig) {
    ENTER;
    if (index >= (unsigned)gpu->mig_count) return NOT_FOUND;
    *mig = handle_of(handle->gpu, index);
    return OK;
}
int nvmlDeviceGetDeviceHandleFromMigDeviceHandle(Handle *handle, Handle **board) { ENTER; *board = handle_of(handle->gpu, -1); return OK; }
#endif
#ifndef WITHOUT_nvmlDeviceGetComputeRunningProcesses_v3
int nvmlDeviceGetComputeRunningProcesses_v3(Handle *handle, unsigned *count, ProcessInfo *infos) {
    ENTER;
    unsigned room = *count;
    *count = gpu->process_count;
    if (*count == 0) return OK;
    if (room < *count || !infos) return TOO_SMALL;
    for (unsigned i = 0; i < *count; i++) infos[i] = (ProcessInfo){ gpu->process[i].pid, 1 << 20, -1, -1 };
    return OK;
}
#endif
int nvmlSystemGetProcessName(unsigned pid, char *text, unsigned size) {
    int code = rule_for(__func__, -1);
    if (code) return code;
    for (int i = 0; i < gpu_count; i++)
        for (int j = 0; j < gpus[i].process_count; j++)
            if (gpus[i].process[j].pid == pid) { snprintf(text, size, "%s", gpus[i].process[j].name); return OK; }
    return NOT_FOUND;
}

/* What other meters ask for beside joules; the answers never change. */
int nvmlDeviceGetMemoryInfo(Handle *handle, unsigned long long *total_free_used) {
    ENTER;
    total_free_used[0] = 80ull << 30;
    total_free_used[1] = 79ull << 30;
    total_free_used[2] = 1ull << 30;
    return OK;
}
int nvmlDeviceGetTemperature(Handle *handle, int sensor, unsigned *celsius) { ENTER; (void)sensor; *celsius = 50; return OK; }
int nvmlDeviceGetUtilizationRates(Handle *handle, unsigned *gpu_memory) { ENTER; gpu_memory[0] = gpu_memory[1] = 50; return OK; }
int nvmlDeviceGetComputeMode(Handle *handle, int *mode) { ENTER; *mode = 0; return OK; }
int nvmlDeviceGetGraphicsRunningProcesses_v3(Handle *handle, unsigned *count, void *infos) {
    ENTER;
    (void)infos;
    *count = 0;
    return OK;
}
