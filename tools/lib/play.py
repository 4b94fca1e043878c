"""What every demonstration does besides its own acts: says what goes on, checks, and remembers what went wrong."""

from lab import LabError, wait_until


class Play:
    def __init__(self, lab, say):
        self.lab, self.say = lab, say
        self.rows, self.wrong = [], []

    def check(self, holds, sentence):
        if not holds:
            self.wrong.append(f"not so: {sentence}")
            self.say(f"NOT SO: {sentence}")

    def check_soon(self, condition, sentence):
        try:
            wait_until(sentence, condition, timeout=15)
        except LabError:
            self.check(False, sentence)
