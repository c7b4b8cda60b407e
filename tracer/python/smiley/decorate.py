"""@smiley.trace: wrappers of the same kind as the function that they stand for."""
import functools
import inspect
import types

from . import tracing


def _steps(inner, options):
    """Goes through a generator, coroutine or awaitable as `yield from` does, each step recorded."""
    step, value = inner.send, None
    while True:
        try:
            with tracing(**options):
                result = step(value)
        except StopIteration as end:
            return end.value
        try:
            value = yield result
            step = inner.send
        except GeneratorExit:
            with tracing(**options):
                inner.close()
            raise
        except BaseException as error:
            step, value = inner.throw, error


_awaited = types.coroutine(_steps)


def _plain(function, options):
    def wrapper(*args, **keywords):
        with tracing(**options):
            return function(*args, **keywords)
    return wrapper


def _generator(function, options):
    def wrapper(*args, **keywords):
        return (yield from _steps(function(*args, **keywords), options))
    return wrapper


def _coroutine(function, options):
    async def wrapper(*args, **keywords):
        return await _awaited(function(*args, **keywords), options)
    return wrapper


def _async_generator(function, options):
    async def wrapper(*args, **keywords):
        inner = function(*args, **keywords)
        step, value = inner.asend, None
        while True:
            try:
                result = await _awaited(step(value), options)
            except StopAsyncIteration:
                return
            try:
                value = yield result
                step = inner.asend
            except GeneratorExit:
                await _awaited(inner.aclose(), options)
                raise
            except BaseException as error:
                step, value = inner.athrow, error
    return wrapper


def trace(function, options):
    if function is None:
        return functools.partial(trace, options=options)
    if not callable(function):
        raise TypeError("@smiley.trace decorates a function, not %r; its options are keywords" % (function,))
    kind = _plain
    for asks, other in ((inspect.isasyncgenfunction, _async_generator),
                        (inspect.iscoroutinefunction, _coroutine),
                        (inspect.isgeneratorfunction, _generator)):
        if asks(function):
            kind = other
    return functools.wraps(function)(kind(function, options))
