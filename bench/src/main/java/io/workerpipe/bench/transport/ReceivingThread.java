package io.workerpipe.bench.transport;

/** The thread that receives, in systems that bring none of their own. If it fails, its process ends: nothing is silent. */
final class ReceivingThread {
    @FunctionalInterface
    interface Body {
        void run() throws Exception;
    }

    private final Thread thread;
    private volatile boolean closing;

    ReceivingThread(Body body) {
        thread = new Thread(() -> {
            try {
                body.run();
            } catch (Throwable e) {
                if (!closing) {
                    e.printStackTrace();
                    Runtime.getRuntime().halt(1);
                }
            }
        }, "receiver");
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    boolean isClosing() {
        return closing;
    }

    /** From now on its end is no failure. */
    void closing() {
        closing = true;
    }

    void awaitEnd() {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
