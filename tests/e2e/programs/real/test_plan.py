"""Tests of plan.py: a unittest suite with fixtures, subtests, mocks, skips and failures."""
import unittest
from unittest import mock

import plan


class GraphTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.edges = [(n, n + 1) for n in range(5)]

    def setUp(self):
        self.graph = plan.Graph(self.edges)
        self.addCleanup(setattr, self, "graph", None)

    def test_order(self):
        self.assertEqual(self.graph.order(), [0, 1, 2, 3, 4, 5])

    def test_circle(self):
        self.graph.add(5, 0)
        with self.assertRaisesRegex(ValueError, "circle"):
            self.graph.order()

    def test_each(self):
        for start in range(3):
            with self.subTest(start=start):
                far, _ = self.graph.shortest(start)
                self.assertEqual(far[5], 5 - start)

    @unittest.skip("not now")
    def test_skipped(self):
        self.fail("never")

    @unittest.expectedFailure
    def test_expected(self):
        self.assertEqual(len(self.graph), 0)


class WordsTest(unittest.TestCase):
    def test_fails(self):
        self.assertEqual(plan.words("a b a"), {"a": 2})

    def test_errors(self):
        plan.words(None)

    def test_mock(self):
        with mock.patch.object(plan, "edit_distance", return_value=9) as patched:
            self.assertEqual(plan.edit_distance("a", "b"), 9)
        patched.assert_called_once_with("a", "b")

    def test_queens(self):
        found = plan.queens(4)
        self.assertEqual(len(found), 2)
        self.assertIn((1, 3, 0, 2), found)


class AsyncTest(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.values = []

    async def test_value(self):
        self.values.append(await self.later(4))
        self.assertEqual(self.values, [4])

    async def later(self, value):
        return value


if __name__ == "__main__":
    unittest.main()
