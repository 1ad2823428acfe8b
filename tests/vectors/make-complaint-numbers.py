#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Numbers of complaints: what was drawn and its number, and what people type. Knows nothing of core/.

    make-complaint-numbers.py [--check]     writes complaint-numbers.json, or says whether it is what this makes
"""
import json
import os
import random
import sys

FILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "complaint-numbers.json")
# Damm's table of order 10 as it is published.
TABLE = ["0317598642", "7092154863", "4206871359", "1750983426", "6123045978", "3674209581", "5869720134", "8945362017", "9438617205", "2581436790"]


def check_digit(digits):
    state = 0
    for digit in digits:
        state = int(TABLE[state][int(digit)])
    return str(state)


def number(drawn):
    return str(drawn) + check_digit(str(drawn))


def grouped(text):
    return f"{text[:4]} {text[4:7]} {text[7:]}"


def vectors():
    chance = random.Random(11)
    drawn = [100000000, 999999999, 123456789, 572000000] + [chance.randint(100000000, 999999999) for _ in range(40)]
    made = [{"drawn": one, "number": number(one), "grouped": grouped(number(one))} for one in drawn]
    one = number(123456789)
    typed = [[one, one], [grouped(one), one], [grouped(one).replace(" ", "-"), one], [f"  {one[:3]} - {one[3:]} ", one], ["-".join(one), one], [f"--{one}--", one]]
    for at in range(10):  # each wrong digit, and each two neighbours in the wrong order
        typed += [[one[:at] + wrong + one[at + 1:], None] for wrong in "0123456789" if wrong != one[at]]
        if at < 9 and one[at] != one[at + 1]:
            typed.append([one[:at] + one[at + 1] + one[at] + one[at + 2:], None])
    typed += [[wrong, None] for wrong in
              ("", " ", "-", one[:9], one + "0", one + one[-1], "0" * 10, "0123456789", "+" + one, one[:5] + "." + one[5:], one[:5] + "\t" + one[5:], one[:-1] + "x", one[:9] + "\u0967",
               "\u0967\u0968\u0969\u096a\u096b\u096c\u096d\u096e\u096f\u0966", one[:4] + "\u00a0" + one[4:], one + "\n", " " * 60 + one, "complaint")]
    return {"made": made, "typed": [{"typed": text, "number": wanted} for text, wanted in typed]}


def main():
    assert check_digit("572") == "4" and check_digit("5724") == "0"  # the example that is always given
    text = json.dumps(vectors(), indent=1, ensure_ascii=True) + "\n"
    if sys.argv[1:] == ["--check"]:
        with open(FILE, encoding="utf-8") as file:
            sys.exit(0 if file.read() == text else f"{FILE} is not what this makes")
    with open(FILE, "w", encoding="utf-8") as file:
        file.write(text)


if __name__ == "__main__":
    main()
