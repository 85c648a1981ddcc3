// Asks the ledger whether a chat may go on. Only its word stops a chat: without an answer the chat goes on.
import { setTimeout as sleep } from 'node:timers/promises'

const { LEDGER_URL = 'http://127.0.0.1:8080' } = process.env
const TIMEOUT_MS = 500 // Above LEDGER_CHECK_DEADLINE_MS, which is 250.
const TRIES = 5

/** For your metrics: how many steps were allowed because the ledger could not tell, or did not answer. */
export const counts = { failOpen: 0, unanswered: 0 }

/**
 * Returns undefined to go on, and what to show to the user to stop.
 *
 * @param operation send_message, edit_message, promote_queued, model_step or spawn
 * @param hints root_chat_id; and parent_chat_id, of a chat that is new
 */
export async function check(chatId, operation, hints = {}) {
  for (let attempt = 1; ; attempt++) {
    let answer, body
    try {
      answer = await fetch(`${LEDGER_URL}/v1/chats/${encodeURIComponent(chatId)}/check`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ operation, ...hints }),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      })
      body = (await answer.json()) ?? {}
    } catch {
      body = {} // No answer in time, or none of the ledger's.
    }
    if (['spend_limit_exceeded', 'frozen'].includes(body.code)) return body // Asking again does not help.
    if (body.code === 'lookup_failed') { // Only with LEDGER_ON_LOOKUP_ERROR=closed.
      if (attempt === TRIES) return body
      await sleep(1000 * Number(answer.headers.get('retry-after') ?? 1))
      continue
    }
    if (body.allowed !== true) counts.unanswered++
    else if (answer.headers.get('spend-check') === 'fail-open') counts.failOpen++
    return undefined
  }
}
