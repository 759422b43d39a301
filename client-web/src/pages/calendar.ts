// A calendar file (RFC 5545) for a meeting, to be sent with its link. The meeting has no planned
// time, so the entry lies in the next full hour, to be moved.

const HOUR = 3_600_000;

export function calendarFile(title: string, link: string, id: string, now: number): string {
  const start = Math.ceil(now / HOUR) * HOUR;
  const lines = [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//Assent//Assent//EN",
    "BEGIN:VEVENT",
    `UID:${id}@assent`,
    `DTSTAMP:${stamp(now)}`,
    `DTSTART:${stamp(start)}`,
    `DTEND:${stamp(start + HOUR)}`,
    `SUMMARY:${escape(title)}`,
    `DESCRIPTION:${escape(link)}`,
    `URL:${link}`,
    "END:VEVENT",
    "END:VCALENDAR",
  ];
  return lines.map(fold).join("\r\n") + "\r\n";
}

function stamp(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/[-:]|\.\d{3}/g, "");
}

function escape(text: string): string {
  return text.replace(/[\\;,]/g, "\\$&").replace(/\r?\n/g, "\\n");
}

/** "Lines of text SHOULD NOT be longer than 75 octets" (section 3.1); folded between characters. */
function fold(line: string): string {
  const encoder = new TextEncoder();
  let folded = "";
  let width = 0;
  for (const letter of line) {
    const octets = encoder.encode(letter).length;
    if (width + octets > 74) {
      folded += "\r\n ";
      width = 1;
    }
    folded += letter;
    width += octets;
  }
  return folded;
}
