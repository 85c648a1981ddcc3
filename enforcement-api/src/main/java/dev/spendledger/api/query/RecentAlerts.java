package dev.spendledger.api.query;

import dev.spendledger.events.SpendAlert;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;

/**
 * The alerts that this instance has read last, numbered as they came. One thread adds, any may read: each reader knows the
 * number that it wants next, so one that is slow costs nothing, and at last finds that its next one is not held any more.
 */
public final class RecentAlerts {
    private final int most;
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    /** A ring: each stands at its number modulo its length. */
    private final Alert[] held;

    /** The number of the next one to come. */
    private long next;
    /** Whatever is behind these is held or still to come; null = nothing is read yet. */
    private AlertPositions wholeFrom;

    private AlertPositions readTo;

    /** @param most how many are held */
    public RecentAlerts(int most) {
        this.most = most;
        this.held = new Alert[most];
    }

    /**
     * Where reading has come to.
     *
     * @param next the number of the next alert to come
     * @param readTo all alerts before these have come
     */
    public record Present(long next, AlertPositions readTo) {}

    /** Has somebody told, on the thread that adds, whenever there is more. */
    public void onMore(Runnable listener) {
        listeners.add(listener);
    }

    /**
     * Says from where on the alerts are read.
     *
     * @param latest those that were read by now, in the order in which they are to be held
     * @param upTo how far was read
     */
    public void begin(AlertPositions from, List<Alert> latest, AlertPositions upTo) {
        synchronized (this) {
            wholeFrom = from;
            latest.forEach(this::add);
            readTo = upTo;
        }
        listeners.forEach(Runnable::run);
    }

    /**
     * Adds what was read.
     *
     * @param alerts in the order in which they were read
     * @param upTo how far was read; that may be behind the last of them
     */
    public void add(List<Alert> alerts, AlertPositions upTo) {
        synchronized (this) {
            alerts.forEach(this::add);
            readTo = upTo;
        }
        if (!alerts.isEmpty()) {
            listeners.forEach(Runnable::run);
        }
    }

    private void add(Alert alert) {
        int place = (int) (next % most);
        Alert oldest = held[place];
        if (oldest != null) {
            wholeFrom = wholeFrom.with(oldest.partition(), oldest.offset() + 1);
        }
        held[place] = alert;
        next++;
    }

    /** Where reading has come to; empty = it has not begun. */
    public synchronized Optional<Present> present() {
        return Optional.ofNullable(readTo).map(positions -> new Present(next, positions));
    }

    /**
     * Where reading had come to before the last few that somebody wants, of those that are held.
     *
     * @param few how many; 0 = where it has come to now
     * @return where it has come to now if none is held that is wanted; empty = it has not begun
     */
    public synchronized Optional<Present> presentBefore(int few, Predicate<SpendAlert> wanted) {
        Optional<Present> found = present();
        int count = 0;
        for (long number = next - 1; number >= Math.max(0, next - most) && count < few; number--) {
            Alert alert = held[(int) (number % most)];
            if (wanted.test(alert.what())) {
                found = Optional.of(new Present(number, alert.before()));
                count++;
            }
        }
        return found;
    }

    /**
     * The number of an alert before which there is none behind these positions.
     *
     * @return empty = alerts that are behind them are not held any more, or were never
     */
    public synchronized OptionalLong firstBehind(AlertPositions positions) {
        return wholeFrom != null && positions.reach(wholeFrom)
                ? OptionalLong.of(Math.max(0, next - most))
                : OptionalLong.empty();
    }

    /**
     * The alerts from a number on.
     *
     * @param most how many at most
     * @return none = there are none yet; empty = that one is not held any more
     */
    public synchronized Optional<List<Alert>> from(long number, int most) {
        if (number < next - this.most) {
            return Optional.empty();
        }
        List<Alert> found = new ArrayList<>();
        for (long each = number; each < next && found.size() < most; each++) {
            found.add(held[(int) (each % this.most)]);
        }
        return Optional.of(found);
    }
}
