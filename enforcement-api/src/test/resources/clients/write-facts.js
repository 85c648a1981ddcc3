// Writes the facts of a file, a line each, by a kafkajs producer with the partitioner named; with none, as kafkajs comes.
import { readFileSync } from 'node:fs'
import { Kafka, Partitioners, logLevel } from 'kafkajs'
import { registered } from './schemas.js'

const [file, partitioner] = process.argv.slice(2)
const kafka = new Kafka({ brokers: [process.env.KAFKA_BROKERS], logLevel: logLevel.ERROR })
const schemas = await registered(process.env.SCHEMA_REGISTRY_URL)
const producer = kafka.producer({
  idempotent: true,
  ...(partitioner && { createPartitioner: Partitioners[partitioner] }),
})
await producer.connect()
for (const line of readFileSync(file, 'utf8').trim().split('\n')) {
  const { topic, key, event } = JSON.parse(line)
  await producer.send({ topic, acks: -1, messages: [{ key, value: await schemas.encode(topic, event) }] })
}
await producer.disconnect()
