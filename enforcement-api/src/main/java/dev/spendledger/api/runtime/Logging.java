package dev.spendledger.api.runtime;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.core.joran.spi.JoranException;
import java.net.URL;
import org.slf4j.LoggerFactory;

/** How log lines are written. Until {@link #configure} is called only warnings are: {@code logback.xml}. */
public final class Logging {
    private Logging() {}

    /** Sets the log up as {@code LEDGER_LOG_FORMAT} has it: one of the two set-ups beside this class's jar. */
    public static void configure(LedgerConfig config) {
        configure("/logback-" + config.text(Setting.LOG_FORMAT) + ".xml");
    }

    /** Writes what has been logged and not been written yet. Nothing is logged after it. */
    public static void close() {
        ((LoggerContext) LoggerFactory.getILoggerFactory()).stop();
    }

    private static void configure(String resource) {
        URL setup = Logging.class.getResource(resource);
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        JoranConfigurator configurator = new JoranConfigurator();
        configurator.setContext(context);
        context.reset();
        try {
            configurator.doConfigure(setup);
        } catch (JoranException e) {
            throw new IllegalStateException("The jar's own " + resource + " is wrong", e);
        }
    }
}
