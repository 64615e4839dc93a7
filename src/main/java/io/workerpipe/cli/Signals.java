package io.workerpipe.cli;

import java.lang.reflect.Proxy;

/**
 * Signals that a command handles itself, where the JDK has the module jdk.unsupported. Its {@code sun.misc.Signal} is the
 * only way to SIGHUP; by reflection, because javac warns of it whatever is suppressed.
 */
final class Signals {
    private Signals() {}

    /**
     * Runs an action for each signal of this name instead of what the JVM does; one that is ignored (nohup) stays so.
     *
     * @param name without SIG
     * @return false if that cannot be had
     */
    static boolean handle(String name, Runnable action) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object forwarder = Proxy.newProxyInstance(Signals.class.getClassLoader(), new Class<?>[]{handler},
                    (proxy, method, arguments) -> switch (method.getName()) {
                        case "handle" -> {
                            action.run();
                            yield null;
                        }
                        case "equals" -> proxy == arguments[0];
                        case "hashCode" -> System.identityHashCode(proxy);
                        default -> "handler of SIG" + name;
                    });
            signal.getMethod("handle", signal, handler).invoke(null,
                    signal.getConstructor(String.class).newInstance(name), forwarder);
            return true;
        } catch (ReflectiveOperationException e) {
            // No such module; or -Xrs, which makes the JVM leave signals alone.
            return false;
        }
    }
}
