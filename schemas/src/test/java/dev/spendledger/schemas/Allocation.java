package dev.spendledger.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Measures what a piece of code allocates: bytes that promise gigabytes must not make the reader ask for them. */
final class Allocation {
    /** Far above what reading a small record takes, classes being loaded included, and far below what harms. */
    private static final long HARMLESS_BYTES = 16L << 20;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private Allocation() {}

    /**
     * Checks that the code takes little memory, whatever it comes to. Measured at its first call: a buffer, once it has
     * grown, is not asked for again.
     *
     * @return what it threw, or null
     */
    static Throwable catchThrowableWithoutHarm(ThrowingCallable code) {
        long before = THREADS.getThreadAllocatedBytes(Thread.currentThread().getId());
        Throwable thrown = catchThrowable(code);
        long allocated = THREADS.getThreadAllocatedBytes(Thread.currentThread().getId()) - before;
        assertThat(allocated).as("bytes allocated").isLessThan(HARMLESS_BYTES);
        return thrown;
    }
}
