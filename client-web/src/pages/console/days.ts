// Days as a date field gives them, and as the server takes them.

const DAY = /^(\d{4})-(\d{2})-(\d{2})$/u;

/** When a day begins where the person is, so many days later, in Unix milliseconds; null for none. */
export function dayOf(text: string, later: number): number | null {
  const found = DAY.exec(text);
  if (found === null) return null;
  const [year, month, day] = found.slice(1).map(Number);
  if (year === undefined || month === undefined || day === undefined) return null;
  const moment = new Date(year, month - 1, day + later).getTime();
  return Number.isNaN(moment) || moment < 0 ? null : moment;
}
