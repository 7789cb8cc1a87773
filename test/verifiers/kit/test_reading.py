"""Reading: what is plainly a number is read exactly, once; everything else is refused with the reason."""

import threading
import unittest
from fractions import Fraction

import numpy as np
from nbevolve_kit import read_field, read_integers, read_number, read_rows, read_vector


class Sly(float):
    """A float that says what one would like to hear."""

    def __float__(self) -> float:
        return 0.5

    def __le__(self, other: object) -> bool:
        return True

    __ge__ = __lt__ = __gt__ = __eq__ = __le__  # type: ignore[assignment]
    __hash__ = float.__hash__


class SlyInt(int):
    def __index__(self) -> int:
        return 7


class SlyList(list):  # type: ignore[type-arg]
    def __len__(self) -> int:
        return 2

    def __iter__(self):  # type: ignore[no-untyped-def]
        return iter([[0.5], [0.5]])


class SlyArray(np.ndarray):  # type: ignore[type-arg]
    def tolist(self):  # type: ignore[no-untyped-def]
        return [[0.5], [0.5]]


class Named(type):
    @property
    def __name__(cls) -> str:  # type: ignore[override]
        return "float"


class Masked(metaclass=Named):
    pass


class Numbers(unittest.TestCase):
    def test_what_is_a_number_is_read_to_the_last_bit(self) -> None:
        for value in [0.1, 5e-324, 1e-161, 1.0, -0.0, 1, 0, True - 1, np.float64(0.1), np.int32(1), np.float16(0.1)]:
            read = read_number(value, "x", -2, 2)
            self.assertEqual(read, Fraction(value.item() if isinstance(value, np.generic) else value))
            self.assertIs(type(read), Fraction)

    def test_integers_beyond_doubles_are_not_rounded(self) -> None:
        self.assertEqual(read_number(2**60 + 1, "x", 0, 1e30), 2**60 + 1)

    def test_what_is_none_is_refused_by_its_name(self) -> None:
        odd = [
            (float("nan"), "x is nan, not a finite number"),
            (1.5, "x is 1.5, far outside: 0 to 1 is possible"),
            (float("inf"), "x is inf"),
            (float("-inf"), "x is -inf"),
            (np.nan, "x is nan"),
            (10**400, "x is an integer of 1329 bits"),
            (-(10**5000), "x is an integer of"),
            (True, "x is a bool, not a float"),
            (np.bool_(True), "x is a bool"),
            (0.5j, "x is a complex"),
            ("0.5", "x is a str"),
            (None, "x is a NoneType"),
            (Sly(0.5), "x is a Sly"),
            (SlyInt(1), "x is a SlyInt"),
            (Masked(), "x is a Masked"),
            (np.array(0.5), "x is a ndarray"),
            (np.timedelta64(1), "x is a timedelta64"),
            (Fraction(1, 2), "x is a Fraction"),
            ([0.5], "x is a list"),
        ]
        for value, words in odd:
            with self.assertRaises(ValueError) as caught:
                read_number(value, "x", 0, 1)
            self.assertTrue(str(caught.exception).startswith(words), (str(caught.exception), words))


class Shapes(unittest.TestCase):
    def read(self, submission: object) -> tuple[tuple[Fraction, ...], ...]:
        return read_rows(submission, 2, ("x", "y"), -1, 1, "point")

    def test_lists_tuples_and_arrays(self) -> None:
        wanted = ((0, Fraction(1, 2)), (1, -1))
        rows = [[0, 0.5], [1, -1]]
        for submission in [rows, tuple(map(tuple, rows)), np.array(rows), [np.array(row) for row in rows]]:
            self.assertEqual(self.read(submission), wanted)

    def test_other_shapes_are_refused(self) -> None:
        odd = [
            (None, "the submission is a NoneType; 2 rows [x, y] or a 2 x 2 array is asked for"),
            ("ab", "the submission is a str"),
            ({"rows": []}, "the submission is a dict"),
            (iter([[0, 0], [0, 0]]), "the submission is a list_iterator"),
            ([], "0 rows; 2 points [x, y] are asked for"),
            ([[0, 0]] * 3, "3 rows"),
            ([0.5, 0.5], "row 0 is a float"),
            ([[0, 0], [0]], "row 1 has 1 numbers, not the 2 of a point: x, y"),
            ([[0, 0], [0, np.nan]], "y of point 1 is nan"),
            (np.zeros(2), "row 0 is a float"),
            (np.zeros((2, 2), dtype=bool), "x of point 0 is a bool"),
            (np.zeros((2, 2, 1)), "x of point 0 is a list"),
            (np.array([[0, 0], [0, 0]], dtype=object).view(SlyArray), "the submission is a SlyArray"),
            (np.ma.array(np.zeros((2, 2))), "the submission is a MaskedArray"),
            (SlyList([[0, 0]] * 5), "the submission is a SlyList"),
            ([SlyList([0, 0])] * 2, "row 0 is a SlyList"),
        ]
        for submission, words in odd:
            with self.assertRaises(ValueError) as caught:
                self.read(submission)
            self.assertTrue(str(caught.exception).startswith(words), (str(caught.exception), words))

    def test_a_list_that_contains_itself_is_refused(self) -> None:
        loop: list[object] = []
        loop += [loop, loop]
        with self.assertRaisesRegex(ValueError, "x of point 0 is a list"):
            self.read(loop)

    def test_a_list_that_changes_is_read_at_one_moment(self) -> None:
        row, stop = [0.0, 0.0], threading.Event()

        def change() -> None:
            while not stop.is_set():
                row.append(5.0)
                row[0] = 9.0
                row[0] = 0.0
                del row[2:]

        thread = threading.Thread(target=change)
        thread.start()
        try:
            for _ in range(500):
                try:
                    read = self.read([row, row])
                except ValueError:
                    continue
                self.assertTrue(all(type(x) is Fraction and -1 <= x <= 1 for pair in read for x in pair))
        finally:
            stop.set()
            thread.join()

    def test_vectors_have_a_range_of_lengths(self) -> None:
        self.assertEqual(read_vector([1, 0.5], 1, 3, 0, 1), (1, Fraction(1, 2)))
        for submission, words in [([], "0 steps; 1 to 3"), ([0] * 4, "4 steps"), ([2], "step 0 is 2|step 0 is an int")]:
            with self.assertRaisesRegex(ValueError, words):
                read_vector(submission, 1, 3, 0, 1, "step")

    def test_integers_are_ints_and_nothing_else(self) -> None:
        self.assertEqual(read_integers([[2**70, -1]], 9, 2, 2**80), ((2**70, -1),))
        self.assertEqual(read_integers(np.array([[1, 2]]), 9, 2, 9), ((1, 2),))
        odd = [[[1.0, 2]], [[True, 2]], [[SlyInt(1), 2]], [[1]], [[10, 1]], [], [[1, 2]] * 10, [["1", 2]], [[10**9999, 0]]]
        for submission in odd:
            with self.assertRaises(ValueError):
                read_integers(submission, 9, 2, 9)

    def test_a_field_of_a_dict(self) -> None:
        self.assertEqual(read_field({"a": 1}, "a"), 1)
        for submission in [{}, [], None, type("D", (dict,), {})(a=1)]:
            with self.assertRaises(ValueError):
                read_field(submission, "a")


if __name__ == "__main__":
    unittest.main()
