"""How a peer of `measureflow bench` is told what to time: one request per line of standard input, one reply per line.

    (started)                                                hello VERSION  or  missing REASON
    prepare FAMILY COMPONENTS BATCH INPUTS OUTPUTS RANK S    ready          or  failed REASON
    prepare NETWORK CHANNELS SIDE CLASSES BATCH TASK S       ready          or  failed REASON
    burst S                                                  median SECONDS or  failed REASON
    value NAME [ARGUMENT]                                    value NUMBER   or  failed REASON

`prepare` makes a step and runs it for S seconds, so what compiles is compiled once; `burst` draws a new batch, runs the
step for S seconds and replies with the median time; `value` asks the step for a number. The process ends with its input.
"""

import os
import signal
import sys
import time

LEAST_RUNS = 10
UNMEASURED_SECONDS = 0.05
LEAST_UNMEASURED_RUNS = 3


def runs(run, seconds, least):
    """Runs a step for some time; returns the time of each run in seconds."""
    times = []
    start = time.perf_counter()
    end = start + seconds
    while start < end or len(times) < least:
        run()
        now = time.perf_counter()
        times.append(now - start)
        start = time.perf_counter()
    return times


def burst(step, seconds):
    """Returns the median time of a run. The first runs do not count: caches fill, and threads wake up."""
    step.new_batch()
    runs(step.run, UNMEASURED_SECONDS, LEAST_UNMEASURED_RUNS)
    times = sorted(runs(step.run, seconds, LEAST_RUNS))
    if not step.is_finite():
        raise ArithmeticError("the parameters are no longer finite")
    return times[len(times) // 2]


def reason(error):
    """Returns an exception as one line."""
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0] if lines else ''}"


def serve(load):
    """Serves until the input ends.

    load: imports the library; returns its version and a function of what `prepare` names, without the seconds, that
    makes a step, which has new_batch(), run(), is_finite(), and a method for each value.
    """
    # Whatever libraries print must not get between the replies.
    replies = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    # An interrupt ends the command, and that ends the input.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        version, make = load()
    except ImportError as error:
        print("missing", reason(error), file=replies)
        return
    print("hello", version, file=replies)
    step = None
    for line in sys.stdin:
        word, *arguments = line.split()
        try:
            if word == "prepare":
                step = None  # its memory goes before the next one comes
                *what, warmup = arguments
                step = make(*(int(word) if word.isdigit() else word for word in what))
                step.new_batch()
                runs(step.run, float(warmup), LEAST_RUNS)
                print("ready", file=replies)
            elif word == "burst":
                print("median", repr(burst(step, float(arguments[0]))), file=replies)
            elif word == "value":
                name, *argument = line.strip().split(" ", 2)[1:]
                print("value", repr(getattr(step, name)(*argument)), file=replies)
            else:
                print("failed unknown request", word, file=replies)
        except Exception as error:  # whatever it is, the command says it
            print("failed", reason(error), file=replies)
