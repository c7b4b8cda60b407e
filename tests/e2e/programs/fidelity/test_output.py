"""What doctest and unittest print, mocks and warnings' places."""
import doctest
import io
import re
import sys
import unittest
import unittest.mock
import warnings


def add(a, b):
    """Adds.

    >>> add(1, 2)
    3
    >>> add(1, "x")
    Traceback (most recent call last):
        ...
    TypeError: unsupported operand type(s) for +: 'int' and 'str'
    >>> add([1], [2])
    [1, 3]
    >>> for n in range(2):
    ...     print(add(n, n))
    0
    2
    >>> undefined
    1
    """
    return a + b


class Cases(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        print("class set up")

    def setUp(self):
        self.addCleanup(print, "cleaned up", self.id().rsplit(".")[-1])

    def test_passes(self):
        self.assertEqual(add(1, 1), 2)

    def test_fails(self):
        """Its first line."""
        self.assertEqual({"a": [1, 2]}, {"a": [1, 3]})

    def test_raises(self):
        with self.assertRaisesRegex(TypeError, "unsupported"):
            add(1, None)
        add(None, None)

    def test_parts(self):
        for n in range(3):
            with self.subTest(n=n):
                self.assertLess(n, 1)

    @unittest.skip("not now")
    def test_skipped(self):
        pass

    @unittest.expectedFailure
    def test_expected(self):
        self.assertTrue(False)

    def test_mock(self):
        with unittest.mock.patch(__name__ + ".add", autospec=True) as mocked:
            mocked.side_effect = [5, ValueError("mocked")]
            self.assertEqual(add(1, 2), 5)
            self.assertRaises(ValueError, add, 3, 4)
            mocked.assert_any_call(3, 4)
        double = unittest.mock.MagicMock(name="double")
        double.one.two(3)[4].five = 6
        print(double.mock_calls)

    def test_logs(self):
        import logging
        with self.assertLogs("some", "INFO") as logs:
            logging.getLogger("some").info("said")
        self.assertEqual(logs.output, ["INFO:some:said"])

    def test_warns(self):
        with self.assertWarns(DeprecationWarning) as warned:
            old()
        self.assertEqual(warned.filename, __file__)


class Waiting(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        print("async set up")

    async def test_waits(self):
        self.assertEqual(await waited(), 1)


async def waited():
    return 1


def old():
    warnings.warn("old", DeprecationWarning, stacklevel=2)


def older():
    warnings.warn("older", UserWarning, stacklevel=3)
    warnings.warn("far", UserWarning, stacklevel=100)
    warnings.warn_explicit("explicit", UserWarning, "some.py", 7)


def through():
    older()


warnings.simplefilter("default")
old()
old()
through()
for _ in range(2):
    old()
with warnings.catch_warnings(record=True) as caught:
    through()
print([(str(one.message), one.lineno, one.filename == __file__) for one in caught])
warnings.filterwarnings("error", message="o.*")
try:
    old()
except DeprecationWarning as error:
    print("raised", error, error.__traceback__.tb_next.tb_lineno)
warnings.resetwarnings()
print(doctest.testmod(sys.modules["__main__"]))
out = io.StringIO()
suite = unittest.TestSuite([unittest.defaultTestLoader.loadTestsFromTestCase(one) for one in (Cases, Waiting)])
result = unittest.TextTestRunner(out, verbosity=2).run(suite)
print(re.sub(r"\d\.\d+s", "TIME", out.getvalue()), result)


class Timeless(unittest.TextTestResult):
    """Says nothing of seconds."""

    def printErrors(self):
        super().printErrors()
        sys.exit(3)


sys.argv[1:] = ["-f", "Cases"]
unittest.main(testRunner=unittest.TextTestRunner(resultclass=Timeless))
