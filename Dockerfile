# One image for every command that needs no broker of its own: serve, and topics, config, verify, trace, replay and
# dead-letters. It holds no broker, no compiler and no sources.
FROM maven:3.9.11-eclipse-temurin-17 AS build
WORKDIR /build
COPY . .
RUN --mount=type=cache,target=.m2 \
    mvn --batch-mode -Dmaven.repo.local=.m2/repository -Dmaven.test.skip=true -Dspotless.skip=true --projects enforcement-api --also-make package

FROM eclipse-temurin:17.0.19_10-jre-noble
# By number, for Kubernetes cannot tell from a name that it is not root.
RUN groupadd --gid 10001 ledger \
    && useradd --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin ledger \
    && install --directory --owner=10001 --group=10001 /var/lib/ledger
COPY --from=build /build/enforcement-api/target/lib /opt/ledger/lib
COPY --from=build /build/enforcement-api/target/enforcement-api-*.jar /opt/ledger/
COPY LICENSE /opt/ledger/

# Beside the state only /tmp is written to, and must let what is there be run: native libraries are unpacked to it. Told
# the folder, RocksDB's has the same name at every start. Else one that crashes again and again would fill the disk.
ENV LEDGER_HTTP_HOST=0.0.0.0 \
    LEDGER_HTTP_PORT=8080 \
    LEDGER_STATE_DIR=/var/lib/ledger/state \
    ROCKSDB_SHAREDLIB_DIR=/tmp
VOLUME /var/lib/ledger
EXPOSE 8080
USER 10001:10001

# No shell between: signals reach the JVM. Half of the container's memory is for the heap, and no more: RocksDB takes
# 96 MiB beside it (BoundedRocksDb), and the rest is for the JVM's classes, code and threads and the network's buffers.
# Serial would be taken in small containers, and stops the world longer. JDK_JAVA_OPTIONS adds more; an -Xmx there
# stands above the half.
ENTRYPOINT ["java", "-XX:+UseG1GC", "-XX:MaxRAMPercentage=50", "-XX:+ExitOnOutOfMemoryError", \
    "-cp", "/opt/ledger/*:/opt/ledger/lib/*", "dev.spendledger.api.command.Main"]
CMD ["serve"]
