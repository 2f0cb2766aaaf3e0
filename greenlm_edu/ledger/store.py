"""The append-only record of measurements: SQLite on this machine by default, or a database for a class.

`GREENLM_LEDGER` names another place: a file, or an SQLAlchemy address such as `postgresql+psycopg://…`. Several
kernels may write to one file at once (write-ahead log).
"""

from __future__ import annotations

import os
import platform
import threading
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final
from weakref import WeakKeyDictionary

import platformdirs
import sqlalchemy as sql
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from greenlm_edu import carbon
from greenlm_edu.errors import LedgerUnavailable
from greenlm_edu.interval import Interval
from greenlm_edu.ledger.schema import (
    CREATE,
    SCHEMA_VERSION,
    SQLITE_APPEND_ONLY,
    attempts,
    components,
    guesses,
    measurements,
    predictions,
)
from greenlm_edu.metering import Component, Measurement, announce_guesses_to, announce_to

__all__ = ["Ledger", "listen", "location"]

# One step a pixel of the widest card is enough to draw a trace again.
TRACE_STEPS: Final = 240
LOCK_PATIENCE_S: Final = 10
LOCK_RETRY_S: Final = 0.02
SESSION: Final = uuid.uuid4().hex
RECORDED_PACKAGES: Final = ("greenlm-edu", "keras", "tensorflow", "tensorflow-cpu", "torch", "jax")


def location() -> str:
    """Where the ledger is kept: GREENLM_LEDGER, or a file in the user's data folder."""
    return os.environ.get("GREENLM_LEDGER") or str(platformdirs.user_data_path("greenlm-edu") / "ledger.db")


class Ledger:
    """The record of measurements.

    Args:
        where: a file, or an SQLAlchemy address; `location()` if left out.
    Raises:
        LedgerUnavailable: it cannot be opened.
    """

    def __init__(self, where: str | Path | None = None) -> None:
        self.where = str(where or location())
        is_address = "://" in self.where
        try:
            if not is_address:
                Path(self.where).expanduser().parent.mkdir(parents=True, exist_ok=True)
            address = self.where if is_address else f"sqlite:///{Path(self.where).expanduser()}"
            self._engine = sql.create_engine(address, **_sqlite_options(address))
            _prepare(self._engine)
        except (OSError, SQLAlchemyError, ImportError) as err:
            raise self._unavailable("it must be possible to open it", err) from err

    def append(self, measurement: Measurement) -> int:
        """Records a finished measurement, with its guess if there is one, and gives the number of its row.

        Raises:
            LedgerUnavailable: it cannot be written.
        """
        row, parts = _row(measurement), [_component_row(part) for part in measurement.components]
        try:
            with self._engine.begin() as connection:
                key = connection.execute(measurements.insert().values(row)).inserted_primary_key
                number = int(key[0]) if key else 0
                if parts:
                    connection.execute(components.insert(), [{"measurement_id": number, **part} for part in parts])
                if measurement.guess_j is not None:
                    connection.execute(guesses.insert().values(_guess_row(number, measurement.guess_j)))
        except SQLAlchemyError as err:
            raise self._unavailable("it must be possible to write to it", err) from err
        return number

    def append_guess(self, number: int, guess_j: float) -> None:
        """Records what the learner expected of the measurement in this row; of several guesses the newest counts.

        Raises:
            LedgerUnavailable: it cannot be written.
        """
        try:
            with self._engine.begin() as connection:
                connection.execute(guesses.insert().values(_guess_row(number, guess_j)))
        except SQLAlchemyError as err:
            raise self._unavailable("it must be possible to write to it", err) from err

    def append_attempt(self, exercise: str, passed: bool, hint: str | None = None) -> None:
        """Records an attempt at an exercise.

        Args:
            exercise: lesson and task, such as "09.bits".
            passed: whether it was right.
            hint: the mistake's short name.
        Raises:
            LedgerUnavailable: it cannot be written.
        """
        row = {"exercise": exercise, "tried_at": datetime.now(UTC), "passed": passed, "hint": hint, "session": SESSION}
        try:
            with self._engine.begin() as connection:
                connection.execute(attempts.insert().values(row))
        except SQLAlchemyError as err:
            raise self._unavailable("it must be possible to write to it", err) from err

    def attempts(self, exercise: str | None = None) -> list[dict[str, Any]]:
        """Attempts at one exercise, or at all, oldest first: exercise, tried_at, passed, hint, session."""
        query = sql.select(attempts).order_by(attempts.c.id)
        if exercise is not None:
            query = query.where(attempts.c.exercise == exercise)
        try:
            with self._engine.connect() as connection:
                return [dict(row) for row in connection.execute(query).mappings()]
        except SQLAlchemyError as err:
            raise self._unavailable("it must be possible to read it", err) from err

    def append_prediction(self, prediction: str, guess: float, found: float) -> None:
        """Records a guess and the result that answered it, both in the prediction's unit.

        Raises:
            LedgerUnavailable: it cannot be written.
        """
        row = {"prediction": prediction, "told_at": datetime.now(UTC), "guess": guess, "found": found}
        try:
            with self._engine.begin() as connection:
                connection.execute(predictions.insert().values(**row, session=SESSION))
        except SQLAlchemyError as err:
            raise self._unavailable("it must be possible to write to it", err) from err

    def predictions(self) -> list[dict[str, Any]]:
        """Guesses and their results, oldest first: prediction, told_at, guess, found, session."""
        try:
            with self._engine.connect() as connection:
                rows = connection.execute(sql.select(predictions).order_by(predictions.c.id)).mappings()
                return [dict(row) for row in rows]
        except SQLAlchemyError as err:
            raise self._unavailable("it must be possible to read it", err) from err

    def rows(
        self, *, last: int | None = None, notebook: str | None = None, session: str | None = None
    ) -> list[dict[str, Any]]:
        """Measurements, oldest first, each with its components under "components".

        What the learner expected is under "guess_j"; None where nobody guessed.

        Args:
            last: only the newest so many.
            notebook: only those of this notebook.
            session: only those of this session (see `SESSION`).
        """
        newest = sql.select(guesses.c.guess_j).where(guesses.c.measurement_id == measurements.c.id)
        guess_j = newest.order_by(guesses.c.id.desc()).limit(1).scalar_subquery().label("guess_j")
        query = sql.select(measurements, guess_j).order_by(measurements.c.id.desc())
        if notebook is not None:
            query = query.where(measurements.c.notebook == notebook)
        if session is not None:
            query = query.where(measurements.c.session == session)
        if last is not None:
            query = query.limit(last)
        try:
            with self._engine.connect() as connection:
                found = [dict(row) for row in connection.execute(query).mappings()][::-1]
                for row in found:
                    parts = sql.select(components).where(components.c.measurement_id == row["id"])
                    row["components"] = [dict(part) for part in connection.execute(parts).mappings()]
        except SQLAlchemyError as err:
            raise self._unavailable("it must be possible to read it", err) from err
        return found

    def close(self) -> None:
        """Closes the connection to the database."""
        self._engine.dispose()

    def _unavailable(self, must: str, err: Exception) -> LedgerUnavailable:
        cause = getattr(err, "orig", None) or err
        return LedgerUnavailable(
            f"ledger {_without_password(self.where)}: {must}; got “{cause}”. "
            "Set GREENLM_LEDGER to a file that you can write. Until then nothing is recorded."
        )


def listen(where: str | Path | None = None) -> Callable[[], None]:
    """Records every measurement that ends from now on, and guesses that come later; the result stops that.

    The ledger is opened at the first of them, so that one that cannot be opened is told on that cell's card.
    """

    @cache
    def opened() -> Ledger:
        return Ledger(where)

    numbers: WeakKeyDictionary[Measurement, int] = WeakKeyDictionary()
    # A guess may come from another thread of the kernel while the row is being written.
    writing = threading.Lock()

    def record(measurement: Measurement) -> None:
        with writing:
            numbers[measurement] = opened().append(measurement)

    def record_guess(measurement: Measurement) -> None:
        with writing:
            number, guess_j = numbers.get(measurement), measurement.guess_j
            # A measurement without a row ended before this began to listen, or its card says why it has none.
            if number is not None and guess_j is not None:
                opened().append_guess(number, guess_j)

    stops = (announce_to(record), announce_guesses_to(record_guess))

    def stop() -> None:
        for stop_one in stops:
            stop_one()

    return stop


def _prepare(engine: sql.Engine) -> None:
    """Makes the tables where they are missing; of several processes that open a new file at once, each succeeds."""
    is_sqlite = engine.dialect.name == "sqlite"
    patience_ends = time.monotonic() + LOCK_PATIENCE_S
    while True:
        try:
            with engine.begin() as connection:
                # SQLite answers “database is locked” at once, without its patience, to a second process that switches
                # the same file to the write-ahead log.
                if is_sqlite:
                    connection.exec_driver_sql("PRAGMA journal_mode=WAL")
                for statement in CREATE:
                    connection.execute(statement)
                for line in SQLITE_APPEND_ONLY if is_sqlite else ():
                    connection.exec_driver_sql(line)
            return
        except OperationalError as err:
            if "locked" not in str(err.orig) or time.monotonic() > patience_ends:
                raise
            time.sleep(LOCK_RETRY_S)


def _sqlite_options(address: str) -> dict[str, Any]:
    return {"connect_args": {"timeout": LOCK_PATIENCE_S}} if address.startswith("sqlite") else {}


def _row(measurement: Measurement) -> dict[str, Any]:
    energy_j = measurement.energy_j
    grid = carbon.intensity(measurement.region)
    emissions_g = measurement.footprint().emissions_g if energy_j else None
    trace = measurement.trace
    return {
        "schema_version": SCHEMA_VERSION,
        "started_at": measurement.started_at,
        "duration_s": measurement.duration_s,
        "name": measurement.name,
        "notebook": measurement.context.get("notebook"),
        "cell_id": measurement.context.get("cell_id"),
        "status": measurement.status,
        "parent_started_at": _parent_started_at(measurement),
        "basis": "+".join(measurement.bases) or "unavailable",
        **_bounds("energy", "j", energy_j),
        "idle_j": measurement.idle_j,
        "region": None if grid.assumed else grid.region,
        "intensity_g_per_kwh": grid.value_g_per_kwh,
        "intensity_year": grid.year,
        "intensity_source": grid.source,
        "pue": measurement.pue,
        **_bounds("emissions", "g", emissions_g),
        "marks": [
            {"t_s": mark.t_s, "kind": mark.kind, "energy_j": mark.energy_j, "values": dict(mark.values)}
            for mark in measurement.marks
        ],
        "trace": {key: trace.steps(key, TRACE_STEPS) for key in trace.components()} if trace else {},
        "versions": _versions(),
        "session": SESSION,
    }


def _parent_started_at(measurement: Measurement) -> datetime | None:
    """When the measurement began that holds these joules, or may yet turn out to.

    A provisional one may be kept or dropped after this row is written. If it is dropped, no row has that start, and
    whoever sums rows counts this one by itself.
    """
    outer = measurement.parent or measurement.around
    while outer is not None and outer.dropped:
        outer = outer.around
    return outer.started_at if outer else None


def _guess_row(number: int, guess_j: float) -> dict[str, Any]:
    return {"measurement_id": number, "guess_j": guess_j, "guessed_at": datetime.now(UTC)}


def _bounds(quantity: str, unit: str, interval: Interval | None) -> dict[str, float | None]:
    """The three columns of an interval; null where it is not known."""
    columns = (f"{quantity}_low_{unit}", f"{quantity}_{unit}", f"{quantity}_high_{unit}")
    figures = (interval.low, interval.best, interval.high) if interval else (None, None, None)
    return dict(zip(columns, figures, strict=True))


def _component_row(part: Component) -> dict[str, Any]:
    return {
        "component": part.component,
        "label": part.label,
        "basis": str(part.basis),
        **_bounds("energy", "j", part.energy_j),
        "idle_j": part.idle_j,
        "below_resolution": part.below_resolution,
        "error_group": part.error_group,
        "reason": part.reason,
        "note": part.note,
    }


@cache
def _versions() -> dict[str, str]:
    versions = {"python": platform.python_version(), "system": f"{platform.system()} {platform.machine()}"}
    for package in RECORDED_PACKAGES:
        with suppress(PackageNotFoundError):
            versions[package] = version(package)
    return versions


def _without_password(where: str) -> str:
    if "://" not in where:
        return where
    try:
        return sql.make_url(where).render_as_string(hide_password=True)
    except SQLAlchemyError:
        return where.partition("://")[0] + "://…"
