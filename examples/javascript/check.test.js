import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { after, beforeEach, test } from 'node:test'

const allowed = { status: 200, body: { allowed: true } }
const failOpen = { status: 200, headers: { 'spend-check': 'fail-open' }, body: { allowed: true } }
const degraded = { status: 200, body: { allowed: true, degraded: true } }
const rejected = { status: 409, body: { code: 'spend_limit_exceeded', message: 'Chat usage limit exceeded.' } }
const frozen = { status: 409, body: { code: 'frozen', message: 'This chat is frozen.' } }
const conflict = { status: 409, body: { code: 'chat_conflict' } }
const lookupFailed = { status: 503, headers: { 'retry-after': '0' }, body: { code: 'lookup_failed' } }
const fault = { status: 500, body: 'no JSON' }
const silence = {}

let answers, asked
const ledger = createServer((request, response) => {
  const { status, headers, body } = answers[Math.min(asked++, answers.length - 1)]
  if (status) response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body))
})
await new Promise(resolve => ledger.listen(0, '127.0.0.1', resolve))
process.env.LEDGER_URL = `http://127.0.0.1:${ledger.address().port}`
const { check, counts } = await import('./check.js')

beforeEach(() => {
  asked = 0
  Object.assign(counts, { failOpen: 0, unanswered: 0 })
})
after(() => {
  ledger.closeAllConnections()
  ledger.close()
})

const cases = [
  { name: 'goes on within the limit', given: [allowed], tries: 1 },
  { name: 'goes on and counts where nobody could tell', given: [failOpen], tries: 1, failOpen: 1 },
  { name: 'goes on with a reading that may be behind', given: [degraded], tries: 1 },
  { name: 'stops at the limit and does not ask again', given: [rejected], tries: 1, stop: 'spend_limit_exceeded' },
  { name: 'stops in a frozen tree and does not ask again', given: [frozen], tries: 1, stop: 'frozen' },
  { name: 'does not take another 409 for the limit', given: [conflict], tries: 1, unanswered: 1 },
  { name: 'asks again where the ledger says so', given: [lookupFailed, lookupFailed, allowed], tries: 3 },
  { name: 'asks again five times at most', given: [lookupFailed], tries: 5, stop: 'lookup_failed' },
  { name: 'goes on and counts at a fault', given: [fault], tries: 1, unanswered: 1 },
  { name: 'goes on and counts without an answer in time', given: [silence], tries: 1, unanswered: 1 },
]
for (const { name, given, tries, stop, failOpen = 0, unanswered = 0 } of cases) {
  test(name, async () => {
    answers = given
    const answer = await check('team/7', 'model_step')
    assert.equal(answer?.code, stop)
    assert.equal(asked, tries)
    assert.deepEqual(counts, { failOpen, unanswered })
  })
}
