// A chat service in small: a chat and one that it has spawned call a model until the ledger stops them.
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { check, counts } from './check.js'
import { chatCreated, connect, disconnect, messagePriced, onTreeStatus } from './events.js'

const root = `chat-${randomUUID()}`
const child = `${root}.1`
const hints = { [root]: {}, [child]: { parent_chat_id: root, root_chat_id: root } }
const statuses = new Map()

/** Stands for a call of a model that takes 20 ms. The id is that of the call: sent again, it counts once. */
async function callModel() {
  await sleep(20)
  return { id: `call-${randomUUID()}`, costMicros: 12_345, inputTokens: 2_100, outputTokens: 270 }
}

await connect()
await onTreeStatus((chatId, status) => (status ? statuses.set(chatId, status) : statuses.delete(chatId)))
await chatCreated({ chat_id: root, account_id: 'acme', spend_limit_micros: 100_000 })
await chatCreated({ chat_id: child, account_id: 'acme', parent_chat_id: root })
console.log(`${root} and the chat that it has spawned may spend 100000 micros.`)

let messages = 0, spent = 0, stop
while (messages < 1_000) {
  const chat = messages % 2 === 0 ? root : child
  stop = await check(chat, 'model_step', hints[chat])
  if (stop) break
  const call = await callModel()
  await messagePriced({
    message_id: call.id,
    chat_id: chat,
    root_chat_id: root,
    account_id: 'acme',
    cost_micros: call.costMicros,
    input_tokens: call.inputTokens,
    output_tokens: call.outputTokens,
  })
  messages++
  spent += call.costMicros
}
console.log(`${messages} messages written, ${spent} micros.`)
console.log(`Checks without an answer: ${counts.unanswered}; with fail-open: ${counts.failOpen}.`)
console.log(stop ? `Stopped (${stop.code}): ${stop.message} ${stop.detail}` : 'Never stopped.')

for (let i = 0; i < 100 && statuses.get(root)?.spent_micros !== spent; i++) await sleep(100)
const status = statuses.get(root)
console.log(`tree-status: ${status?.state ?? 'none'}, ${status?.spent_micros} of ${status?.limit_micros} micros.`)
await disconnect()
process.exitCode = stop && status ? 0 : 1
