package io.workerpipe.linux;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Links a function of the C library so that it leaves its errno: jextract's own handles do not. */
final class Link {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final Linker.Option ERRNO = Linker.Option.captureCallState("errno");

    private Link() {}

    /** The handle takes the capture area of a {@link CallState} first. */
    static MethodHandle fixed(MemorySegment address, FunctionDescriptor descriptor) {
        return LINKER.downcallHandle(address, descriptor, ERRNO);
    }

    /** The same for a function with "..." in its declaration. */
    static MethodHandle variadic(MemorySegment address, FunctionDescriptor descriptor, int fixedArguments) {
        return LINKER.downcallHandle(address, descriptor, ERRNO, Linker.Option.firstVariadicArg(fixedArguments));
    }

    /** For what a handle can throw: refused arguments, a closed arena. Nothing else comes out of a call to C. */
    static RuntimeException rethrow(Throwable thrown) {
        if (thrown instanceof RuntimeException exception) {
            return exception;
        }
        if (thrown instanceof Error error) {
            throw error;
        }
        throw new AssertionError(thrown);
    }
}
