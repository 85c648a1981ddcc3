import { account } from './account.js';
import { onTokenWanted, setToken, token } from './api.js';
import { ask } from './dialog.js';
import { rememberOthers, route } from './elsewhere.js';
import { fill, visible } from './dom.js';
import { Live } from './live.js';
import { overview } from './overview.js';
import { tree } from './tree.js';
import { Warnings } from './warnings.js';

const STATES = { live: 'Live', lost: 'Connecting again', paused: 'Paused', denied: 'Needs a token' };

const warnings = new Warnings(document.getElementById('warnings'), document.getElementById('no-warnings'));
const view = document.getElementById('view');
let leave = () => {};

function show() {
  leave();
  const [, kind, id] = route().view.split('/').map(decoded);
  const title = { tree: id, account: id }[kind] ?? 'Trees';
  document.title = `${visible(title)} – Chat Spend Ledger`;
  if (kind === 'tree' && id) {
    leave = tree(view, warnings, id);
  } else if (kind === 'account' && id) {
    leave = account(view, warnings, id);
  } else {
    leave = overview(view, warnings);
  }
}

/** As it stands where it is no encoding: somebody has typed it. */
function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch (malformed) {
    return part;
  }
}

function tokenDialog(error = null) {
  return ask({
    title: 'Token',
    text: error
      ? `${error.message} ${error.detail ?? ''}`
      : 'What you may see and do depends on it. It is kept until you close this tab.',
    fields: [{ name: 'token', label: 'Token', type: 'password', value: token() }],
    action: 'Use it',
    submit: async (values) => setToken(values.token.trim()),
  });
}

function showState(state) {
  const connection = document.getElementById('connection');
  connection.dataset.state = state;
  fill(connection, STATES[state]);
}

onTokenWanted(tokenDialog);
document.getElementById('token').addEventListener('click', () => tokenDialog());
document.getElementById('open').addEventListener('submit', (event) => {
  event.preventDefault();
  const kind = document.getElementById('open-kind').value;
  const id = document.getElementById('open-id');
  location.hash = `#/${kind}/${encodeURIComponent(id.value.trim())}`;
  id.value = '';
});
document.querySelector('.skip').addEventListener('click', (event) => {
  event.preventDefault(); // The fragment is the view.
  view.focus();
});

const { view: first, lastEventId } = route();
history.replaceState(null, '', first);
const alerts = new Live({
  query: 'kind=tree_threshold,account_threshold&recent=20',
  lastEventId,
  onEvent: (kind, alert) => warnings.add(alert),
  onState: showState,
});
rememberOthers(() => alerts.lastEventId);

addEventListener('hashchange', () => {
  show();
  view.focus({ preventScroll: true });
  scrollTo(0, 0);
});
addEventListener('ledger-token', show);
show();
