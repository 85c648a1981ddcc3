// Events as Kafka holds them: byte 0, the id of the schema in 4 bytes, the Avro body.
import { readFileSync } from 'node:fs'
import { SchemaRegistry, SchemaType } from '@kafkajs/confluent-schema-registry'
import avsc from 'avsc'

// The id is that of docs/events.md, for a ledger without a registry.
const EVENTS = {
  chats: { name: 'ChatCreated', id: 0xeec072f3 },
  'priced-messages': { name: 'MessagePriced', id: 0xf2257408 },
  'chat-limits': { name: 'ChatLimitSet', id: 0xbaa9813d },
  'tree-status': { name: 'TreeStatus', id: 0xec75c2e5 },
}
const FOLDER = new URL('../../schemas/src/main/avro/events/', import.meta.url)
const schemaOf = topic => readFileSync(new URL(`${EVENTS[topic].name}.avsc`, FOLDER), 'utf8')

// Left alone, avsc throws at 2^53 - 1, the greatest amount of the ledger, and takes what lies below.
const long = avsc.types.LongType.__with({
  fromBuffer: bytes => Number(bytes.readBigInt64LE()),
  toBuffer: number => Buffer.from(BigInt64Array.of(BigInt(number)).buffer),
  fromJSON: Number,
  toJSON: Number,
  isValid: Number.isSafeInteger,
  compare: (a, b) => a - b,
})
const options = { typeHook: schema => ((schema.type ?? schema) === 'long' ? long : undefined) }

/** Encodes by the latest schemas that a registry has, and registers those that it does not have. */
export async function registered(url, topicPrefix = '') {
  const registry = new SchemaRegistry({ host: url }, { [SchemaType.AVRO]: options })
  const ids = {}
  for (const topic of Object.keys(EVENTS)) {
    const subject = `${topicPrefix}${topic}-value`
    ids[topic] = await registry.getLatestSchemaId(subject).catch(async () => {
      const schema = { type: SchemaType.AVRO, schema: schemaOf(topic) }
      return (await registry.register(schema, { subject })).id
    })
  }
  return {
    encode: (topic, event) => registry.encode(ids[topic], event),
    decode: (topic, bytes) => registry.decode(bytes),
  }
}

/** The same for a ledger without a registry, as `./ledger dev` is. */
export function bundled() {
  const types = {}
  for (const topic of Object.keys(EVENTS)) types[topic] = avsc.Type.forSchema(JSON.parse(schemaOf(topic)), { ...options })
  return {
    encode: (topic, event) => {
      const head = Buffer.alloc(5)
      head.writeUInt32BE(EVENTS[topic].id, 1)
      return Buffer.concat([head, types[topic].toBuffer(event)])
    },
    decode: (topic, bytes) => types[topic].fromBuffer(bytes.subarray(5)),
  }
}
