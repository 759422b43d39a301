// No module of the client imports itself in a circle, for types alone either.

import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";

import { describe, expect, it } from "vitest";

const SOURCE = join(import.meta.dirname, "../src");

type Imports = ReadonlyMap<string, readonly string[]>;

const imports = importsIn(SOURCE);

describe("imports", () => {
  it("of the client make no circle", () => {
    expect(imports.get("meeting/session.ts")).toContain("signalling/conversation.ts");
    expect(imports.get("app.tsx")).toContain("pages/meeting-page.tsx");
    expect(circleIn(imports)).toBeNull();
  });

  it.each([
    [{ a: ["b"], b: ["c"], c: [] }, null],
    [{ a: ["b", "c"], b: ["c"], c: [] }, null],
    [{ a: ["a"] }, ["a", "a"]],
    [{ a: ["b"], b: ["c"], c: ["b"] }, ["b", "c", "b"]],
  ])("that make a circle are found", (given, circle) => {
    expect(circleIn(new Map(Object.entries(given)))).toEqual(circle);
  });
});

/** What each module imports, types and what is loaded later included. */
function importsIn(folder: string): Imports {
  const found = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const modules = new Set(
    found.map((name) => name.replaceAll("\\", "/")).filter((name) => /\.tsx?$/.test(name)),
  );
  const imports = new Map<string, readonly string[]>();
  for (const module of modules) {
    const text = readFileSync(join(folder, module), "utf8");
    const near = [...text.matchAll(/\b(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)].flatMap(
      ([, name = ""]) => (/\.(css|md)\b/.test(name) ? [] : [name.replace(/(\.ts)?\?.*/, "")]),
    );
    imports.set(
      module,
      near.map((name) => {
        const path = posix.join(posix.dirname(module), name);
        const meant = [`${path}.ts`, `${path}.tsx`, `${path}/index.ts`];
        const imported = meant.find((one) => modules.has(one));
        if (imported === undefined) throw new Error(`${module} imports ${name}`);
        return imported;
      }),
    );
  }
  return imports;
}

/** The modules of a circle, the first once more at its end; null where there is none. */
function circleIn(imports: Imports): string[] | null {
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (module: string): string[] | null => {
    if (path.includes(module)) return [...path.slice(path.indexOf(module)), module];
    if (done.has(module)) return null;
    path.push(module);
    for (const next of imports.get(module) ?? []) {
      const circle = visit(next);
      if (circle !== null) return circle;
    }
    path.pop();
    done.add(module);
    return null;
  };
  for (const module of imports.keys()) {
    const circle = visit(module);
    if (circle !== null) return circle;
  }
  return null;
}
