package dev.spendledger.api.http;

import dev.spendledger.api.decision.SpendCheck;
import dev.spendledger.api.http.Replies.Terms;
import dev.spendledger.api.metrics.LedgerMeters;
import dev.spendledger.api.query.AccountLimitsView;
import dev.spendledger.api.query.AccountQuery;
import dev.spendledger.api.query.Placement;
import dev.spendledger.api.query.SpendQuery;
import dev.spendledger.api.query.StateReader;
import dev.spendledger.api.query.TopTrees;
import dev.spendledger.api.query.TreeHistories;
import dev.spendledger.api.write.AccountLimits;
import dev.spendledger.api.write.Chats;
import dev.spendledger.api.write.Freezes;
import dev.spendledger.api.write.Limits;
import dev.spendledger.api.write.Messages;
import dev.spendledger.streams.domain.Thresholds;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Clock;

/**
 * What the HTTP routes call.
 *
 * @param currency the currency of all amounts, as shown
 * @param thresholds of the limits, as they are shown to be passed
 */
public record LedgerApi(
        Access access,
        SpendCheck spendCheck,
        SpendQuery spendQuery,
        TopTrees topTrees,
        TreeHistories histories,
        AccountQuery accounts,
        AccountLimitsView limitsView,
        Chats chats,
        Limits limits,
        Freezes freezes,
        AccountLimits accountLimits,
        Messages messages,
        EventStreams events,
        StateReader state,
        Placement placement,
        String instance,
        Health health,
        LedgerMeters meters,
        PrometheusMeterRegistry registry,
        String currency,
        Thresholds thresholds,
        Clock clock) {

    /** In which terms amounts are shown now. */
    Terms terms() {
        return new Terms(currency, thresholds, clock.instant());
    }
}
