"""The three paths: closed forms on the valley, Keras' optimizers as oracle, and what is told in words."""

from __future__ import annotations

import re

import numpy as np
import pytest

from greenlm_edu.errors import InputError
from greenlm_edu.explorers import optimizer_paths

CURVATURES = np.array([1.0, 25.0])


def told(text: str, optimizer: str) -> tuple[np.ndarray, float]:
    """Where an optimizer ended, and its loss there, as the words say."""
    found = re.search(rf"^{optimizer}[^:]*: after \d+ steps? at \((\S+), (\S+)\), loss ([^;]+);", text, re.MULTILINE)
    assert found, text
    x, y, loss = map(float, found.groups())
    return np.array([x, y]), loss


@pytest.mark.parametrize("learning_rate", [0.01, 0.05, 0.079])
def test_gradient_descent_shrinks_each_direction_by_its_own_factor(learning_rate: float):
    text = optimizer_paths(learning_rate=learning_rate, steps=20, start=(-2, 1)).view().text
    point, loss = told(text, "gradient descent")
    expected = np.array([-2.0, 1.0]) * (1 - learning_rate * CURVATURES) ** 20
    assert point == pytest.approx(expected, abs=1e-4)
    assert loss == pytest.approx((CURVATURES * expected**2).sum() / 2, rel=1e-3)


def test_momentum_obeys_its_recurrence():
    # x(t+1) = (1 + mu - eta·lambda)·x(t) - mu·x(t-1), from the two lines of the rule with m taken out
    text = optimizer_paths(learning_rate=0.02, momentum=0.8, steps=15, start=(1.5, -1)).view().text
    before = now = np.array([1.5, -1.0])
    for _ in range(15):
        before, now = now, (1.8 - 0.02 * CURVATURES) * now - 0.8 * before
    assert told(text, "momentum")[0] == pytest.approx(now, abs=1e-4)


def test_adams_first_step_is_the_learning_rate_in_each_direction():
    text = optimizer_paths(learning_rate=0.25, steps=1, start=(-2, 1)).view().text
    assert told(text, "Adam")[0] == pytest.approx([-1.75, 0.75], abs=1e-4)


@pytest.mark.parametrize("nesterov", [False, True])
@pytest.mark.parametrize("surface", ["valley", "saddle", "rosenbrock"])
def test_paths_are_those_of_keras_on_gradients_by_autodiff(surface: str, nesterov: bool):
    import keras
    import tensorflow as tf

    losses = {
        "valley": lambda x, y: (x**2 + 25 * y**2) / 2,
        "saddle": lambda x, y: (x**2 - y**2) / 2 + y**4 / 4,
        "rosenbrock": lambda x, y: (1 - x) ** 2 / 4 + 2 * (y - x**2) ** 2,
    }
    text = optimizer_paths(surface, 0.02, 0.9, 25, start=(-1.5, 0.5), nesterov=nesterov).view().text
    for name, optimizer in [
        ("gradient descent", keras.optimizers.SGD(0.02)),
        ("momentum", keras.optimizers.SGD(0.02, momentum=0.9, nesterov=nesterov)),
        ("Adam", keras.optimizers.Adam(0.02, epsilon=1e-8)),
    ]:
        w = keras.Variable([-1.5, 0.5], dtype="float64")
        for _ in range(25):
            with tf.GradientTape() as tape:
                loss = losses[surface](w.value[0], w.value[1])
            optimizer.apply([tape.gradient(loss, w.value)], [w])
        point, loss_told = told(text, name)
        assert point == pytest.approx(np.asarray(w), abs=2e-4), name
        assert loss_told == pytest.approx(float(losses[surface](*np.asarray(w))), rel=1e-2, abs=1e-5)


def test_beyond_the_border_it_says_that_it_diverges():
    just_above = optimizer_paths(learning_rate=0.081, steps=60).view().text
    assert re.search(r"gradient descent: .*it grew", just_above)
    far_above = optimizer_paths(learning_rate=0.5, steps=60).view().text
    assert re.search(r"gradient descent: diverged; farther out than 1000 after \d+ steps", far_above)
    assert "grew" not in optimizer_paths(learning_rate=0.079, steps=60).view().text


def test_momentums_border_is_two_times_one_plus_mu_over_the_curvature():
    # x(t+1) = (1 + μ − ηλ)·x(t) − μ·x(t−1) leaves the unit circle at ηλ = 2(1 + μ): 0.12 for μ = 0.5, λ = 25
    below = optimizer_paths(learning_rate=0.118, momentum=0.5, steps=300).view().text
    assert re.search(r"^momentum: .* as good as lowest", below, re.MULTILINE)
    above = optimizer_paths(learning_rate=0.122, momentum=0.5, steps=300).view().text
    assert re.search(r"^momentum: .*(grew|diverged)", above, re.MULTILINE)


def test_momentum_zero_is_gradient_descent():
    text = optimizer_paths("rosenbrock", 0.03, momentum=0.0, steps=40).view().text
    assert told(text, "momentum")[0] == pytest.approx(told(text, "gradient descent")[0])


def test_the_words_name_the_surface_the_start_and_each_rule_and_stand_beside_the_picture():
    explorer = optimizer_paths("saddle", nesterov=True)
    view = explorer.view()
    for part in ("½ (x² − y²)", "(-2.000, 0.001)", "gradient descent:", "momentum (Nesterov):", "Adam:"):
        assert part in view.text
    assert "data:image/svg" in view.html
    assert "gradient descent:" in view.html, "a screen reader hears the words"


def test_controls_may_be_set_by_name():
    explorer = optimizer_paths()
    assert "diverged" in explorer.set(learning_rate=0.085).view().text
    assert "Rosenbrock" in explorer.set(surface="rosenbrock", learning_rate=0.02, steps=200).view().text
    with pytest.raises(InputError, match="learning_rate does not take this value"):
        explorer.set(learning_rate=3.0)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"surface": "hill"}, r"surface must be one of 'valley', 'saddle', 'rosenbrock'; got surface='hill'\. Take"),
        ({"learning_rate": 0}, r"learning_rate must be a number from 0\.001 to 1; got learning_rate=0\. Take 0\.001"),
        ({"learning_rate": "fast"}, r"learning_rate must be a number .* got learning_rate='fast'"),
        ({"learning_rate": float("nan")}, r"learning_rate must be a number .* got learning_rate=nan"),
        ({"momentum": 1.0}, r"momentum must be a number from 0 to 0\.99; got momentum=1\.0\. Take 0\.99"),
        ({"steps": 2.5}, r"steps must be a whole number from 1 to 300; got steps=2\.5"),
        ({"steps": True}, r"steps must be a whole number"),
        ({"start": (1, 2, 3)}, r"start must be two numbers from -2 to 2; got start=\(1, 2, 3\)\. Take"),
        ({"start": (9, 0)}, r"start must be two numbers from -2 to 2"),
        ({"start": 1.0}, r"start must be two numbers from -2 to 2"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_with_what_to_do(settings: dict, message: str):
    with pytest.raises(InputError, match=f"optimizer_paths: {message}"):
        optimizer_paths(**settings)
