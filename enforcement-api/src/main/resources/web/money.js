const formats = new Map();

function format(currency, fractions) {
  const key = `${currency} ${fractions}`;
  if (!formats.has(key)) {
    const digits = { minimumFractionDigits: Math.min(2, fractions), maximumFractionDigits: fractions };
    formats.set(key, new Intl.NumberFormat('en', { style: 'currency', currency, ...digits }));
  }
  return formats.get(key);
}

/** An amount in full, as `$0.0142`. */
export function money(micros, currency) {
  return format(currency, 6).format(decimal(micros));
}

/** An amount to the cent, or to two digits that count where it is smaller, for where there is little room. */
export function roughMoney(micros, currency) {
  const whole = Math.abs(micros / 1e6);
  const fractions = whole === 0 || whole >= 0.1 ? 2 : Math.min(6, 1 - Math.floor(Math.log10(whole)));
  return format(currency, fractions).format(micros / 1e6);
}

/** An amount as a person types it into a number field, in micros; null = it is none. */
export function parseMoney(text) {
  const match = /^(\d{1,10})(?:\.(\d{1,6}))?$/.exec(text.trim());
  const micros = match && Number(match[1]) * 1e6 + Number((match[2] ?? '').padEnd(6, '0'));
  return Number.isSafeInteger(micros) ? micros : null;
}

/** An amount as a number field wants it. */
export function plainMoney(micros) {
  return decimal(micros).replace(/\.?0+$/, '');
}

/** To the last micro, which a number of whole units has no room for where there are many. */
function decimal(micros) {
  return `${Math.floor(micros / 1e6)}.${String(micros % 1e6).padStart(6, '0')}`;
}
