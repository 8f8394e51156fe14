"""Trains a small neural network to read handwritten digits, in plain Python without packages.

One hidden layer of ReLU units, softmax output, cross-entropy loss, mini-batch gradient descent.
"""

import argparse
import gzip
import json
import math
import os
import random
import shutil
import signal
import time
from operator import mul
from pathlib import Path

TEST_SIZE = 360  # a fifth of the 1,797 images
BATCH_SIZE = 8


def main():
    started = time.monotonic()
    options = parse_options()
    signals = catch_stop_signals()
    train_set, test_set = load_data(options.seed)
    checkpoint = path_in("ML_CHECKPOINT_DIR", "checkpoint.json")
    state = load_or_new_state(checkpoint, options)
    started -= state["seconds"]  # the time of earlier attempts counts too
    bar = ProgressBar()

    def save():
        state["seconds"] = time.monotonic() - started
        if checkpoint:
            write_json(checkpoint, state)

    while state["epoch"] < options.epochs:
        title = f"epoch {state['epoch'] + 1}/{options.epochs}"
        batches = batches_of_epoch(train_set, options.seed, state["epoch"])
        for batch in batches[state["batch"] :]:
            state["loss_sum"] += train_on(batch, state["model"], options.learning_rate)
            state["batch"] += 1
            bar.show(title, state["batch"] / len(batches))
            if signals:
                save()
                kept = checkpoint or "none, ML_CHECKPOINT_DIR is not set"
                bar.replace_with(f"{title}  stopped by {signals[0].name}, checkpoint: {kept}")
                raise SystemExit(128 + signals[0])
        loss, correct = state["loss_sum"] / len(train_set), count_correct(test_set, state["model"])
        accuracy = f"{100 * correct / TEST_SIZE:.1f} %"
        state["history"].append({"loss": loss, "test_correct": correct})
        state.update(epoch=state["epoch"] + 1, batch=0, loss_sum=0.0)
        save()
        bar.replace_with(f"{title}  loss {loss:.4f}  test accuracy {accuracy}")
    report(state)


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=5, help="times to see every image")
    parser.add_argument("--seed", type=int, default=1, help="for split, first weights and order")
    parser.add_argument("--learning-rate", type=float, default=0.1, help="length of a step")
    parser.add_argument("--hidden", type=int, default=96, help="units in the hidden layer")
    options = parser.parse_args()
    if not all(0 < n < math.inf for n in (options.epochs, options.learning_rate, options.hidden)):
        parser.error("--epochs, --learning-rate and --hidden must be above zero")
    return options


def catch_stop_signals():
    """Returns a list, empty until a stop signal comes: whoever looks at it chooses when to stop."""
    caught = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda received, _: caught.append(signal.Signals(received)))
    return caught


def load_data(seed):
    """Returns (train, test), each a list of (pixels, digit). No image is in both."""
    with gzip.open(Path(__file__).with_name("digits.csv.gz"), "rt") as file:
        rows = [[int(field) for field in line.split(",")] for line in file]
    # Ink runs from 0 to 16. The 1.0 behind the pixels meets the weight that is a unit's bias.
    images = [([ink / 16 for ink in row[:-1]] + [1.0], row[-1]) for row in rows]
    random.Random(f"{seed} split").shuffle(images)
    return images[TEST_SIZE:], images[:TEST_SIZE]


def batches_of_epoch(images, seed, epoch):
    # The order depends on seed and epoch alone, so a resumed run goes on as if never stopped.
    order = random.Random(f"{seed} epoch {epoch}").sample(images, len(images))
    return [order[start : start + BATCH_SIZE] for start in range(0, len(order), BATCH_SIZE)]


def load_or_new_state(checkpoint, options):
    """Returns all that a training knows, as one value that JSON holds without loss."""
    settings = {name: value for name, value in vars(options).items() if name != "epochs"}
    if checkpoint and checkpoint.exists() and os.environ.get("ML_RESUME") == "1":
        state = json.loads(checkpoint.read_text())
        if state["settings"] != settings:
            made_with = " ".join(f"{name}={value}" for name, value in state["settings"].items())
            raise SystemExit(f"Cannot resume: {checkpoint} was made with {made_with}. Use those.")
        print(f"resumed after {state['epoch']} epochs and {state['batch']} batches", flush=True)
        return state
    progress = {"epoch": 0, "batch": 0, "loss_sum": 0.0, "seconds": 0.0, "history": []}
    return {"settings": settings, **progress, "model": new_model(options.hidden, options.seed)}


def new_model(units, seed):
    rng = random.Random(f"{seed} weights")

    def layer(inputs, outputs):
        # He initialisation: what leaves a ReLU layer is about as large as what entered it.
        spread = math.sqrt(2 / inputs)
        return [[rng.gauss(0, spread) for _ in range(inputs)] + [0.0] for _ in range(outputs)]

    return {"hidden": layer(64, units), "output": layer(units, 10)}


def predict(pixels, model):
    """Returns what the hidden layer says (then 1.0 for the bias) and ten probabilities."""
    hidden = [max(0.0, sum(map(mul, weights, pixels))) for weights in model["hidden"]] + [1.0]
    scores = [sum(map(mul, weights, hidden)) for weights in model["output"]]
    highest = max(scores)  # subtracted, because exp() of a large score overflows
    powers = [math.exp(score - highest) for score in scores]
    total = sum(powers)
    return hidden, [power / total for power in powers]


def train_on(batch, model, learning_rate):
    """Takes one step down the gradient of the batch's mean loss. Returns its summed loss before."""
    loss = 0.0
    changes = []  # (weights, error, inputs), made at the end: the whole batch sees the same model
    for pixels, digit in batch:
        hidden, errors = predict(pixels, model)
        loss -= math.log(max(errors[digit], 1e-300))
        errors[digit] -= 1.0  # from here on the gradient of the loss over the ten scores
        changes += [(row, error, hidden) for row, error in zip(model["output"], errors)]
        for unit, weights in enumerate(model["hidden"]):
            if hidden[unit] > 0:  # a silent ReLU unit passes no gradient
                error = sum(row[unit] * error for row, error in zip(model["output"], errors))
                changes.append((weights, error, pixels))
    for weights, error, inputs in changes:
        step = learning_rate / len(batch) * error
        weights[:] = [weight - step * value for weight, value in zip(weights, inputs)]
    return loss


def count_correct(images, model):
    answers = ((predict(pixels, model)[1], digit) for pixels, digit in images)
    return sum(chances.index(max(chances)) == digit for chances, digit in answers)


def report(state):
    correct = state["history"][-1]["test_correct"]
    result = {"test_accuracy": correct / TEST_SIZE, "test_correct": correct, "test_size": TEST_SIZE}
    about = {name: state[name] for name in ("seconds", "settings", "history")}
    if metrics := path_in("ML_OUTPUT_DIR", "metrics.json"):
        write_json(metrics, {**result, "epochs": state["epoch"], **about})
        write_json(metrics.with_name("model.json"), state["model"])
    score = f"{100 * correct / TEST_SIZE:.1f} % ({correct} of {TEST_SIZE})"
    print(f"test accuracy {score}, {state['epoch']} epochs, {state['seconds']:.1f} s", flush=True)


def path_in(variable, name):
    folder = os.environ.get(variable)
    return Path(folder, name) if folder else None


def write_json(path, value):
    """Writes beside the file, then renames: a crash leaves the old file or the new one, whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".tmp")
    with open(beside, "w") as file:
        json.dump(value, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(beside, path)


class ProgressBar:
    """One line that a carriage return starts anew: needs no terminal, and a log can keep it."""

    def __init__(self):
        self.columns = shutil.get_terminal_size().columns - 1  # COLUMNS, or the terminal's own
        self.next_at = 0.0

    def show(self, title, share):
        if time.monotonic() >= self.next_at:
            self.next_at = time.monotonic() + 0.1  # more often only makes the log longer
            width = max(1, min(40, self.columns - len(title) - 9))
            done = "#" * round(width * share)
            print(f"\r{title} [{done:.<{width}}] {100 * share:3.0f} %", end="", flush=True)

    def replace_with(self, line):
        print(f"\r{' ' * self.columns}\r{line}", flush=True)


if __name__ == "__main__":
    main()
