import { describe, expect, it } from "vitest";

import { calendarFile } from "../../src/pages/calendar";

describe("the calendar file", () => {
  const now = Date.UTC(2026, 2, 3, 10, 20, 30);
  const file = calendarFile(
    "Plans; ideas, and\nmore 🙂".repeat(6),
    "https://a.example/m/x#y",
    "x",
    now,
  );

  it("lies in the next full hour", () => {
    expect(file).toContain("DTSTART:20260303T110000Z\r\n");
    expect(file).toContain("DTEND:20260303T120000Z\r\n");
  });

  it("escapes and folds, and can be unfolded", () => {
    for (const line of file.split("\r\n"))
      expect(new TextEncoder().encode(line).length).toBeLessThanOrEqual(75);
    expect(file.replaceAll("\r\n ", "")).toContain("Plans\\; ideas\\, and\\nmore 🙂");
    expect(file.endsWith("END:VCALENDAR\r\n")).toBe(true);
  });
});
