// Writes events to Kafka and reads what the ledger writes. What they say: docs/events.md
import { randomUUID } from 'node:crypto'
import { Kafka, Partitioners, logLevel } from 'kafkajs'
import { bundled, registered } from './schemas.js'

const { KAFKA_BROKERS = '127.0.0.1:9092', SCHEMA_REGISTRY_URL } = process.env
const kafka = new Kafka({ clientId: 'chat-service', brokers: KAFKA_BROKERS.split(','), logLevel: logLevel.ERROR })
const schemas = SCHEMA_REGISTRY_URL ? await registered(SCHEMA_REGISTRY_URL) : bundled()

// DefaultPartitioner is murmur2 as the Java client has it. LegacyPartitioner, the default before kafkajs 2, is not.
const producer = kafka.producer({ idempotent: true, createPartitioner: Partitioners.DefaultPartitioner })
const consumer = kafka.consumer({ groupId: `chat-service-${randomUUID()}` })

export async function connect() {
  await Promise.all([producer.connect(), consumer.connect()])
}

export async function disconnect() {
  await Promise.all([producer.disconnect(), consumer.disconnect()])
}

/** Resolves once Kafka has the event on all replicas. Where it rejects, send the same again: it counts once. */
export async function write(topic, key, event) {
  await producer.send({ topic, acks: -1, messages: [{ key, value: await schemas.encode(topic, event) }] })
}

// Times are milliseconds, amounts are whole numbers; an optional field may be left out.
export const chatCreated = chat => write('chats', chat.chat_id, { created_at: Date.now(), ...chat })
export const messagePriced = message =>
  write('priced-messages', message.root_chat_id ?? message.chat_id, { priced_at: Date.now(), ...message })

/** Calls back with the status of every tree that has reached its limit, and with null once it is within it again. */
export async function onTreeStatus(callback) {
  await consumer.subscribe({ topic: 'tree-status', fromBeginning: true })
  await consumer.run({
    autoCommit: false, // Each process reads all of it, at every start.
    eachMessage: async ({ message: { key, value } }) =>
      callback(key.toString(), value && (await schemas.decode('tree-status', value))),
  })
}
