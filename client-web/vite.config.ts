import { defineConfig } from "vitest/config";

export default defineConfig({
  build: {
    outDir: "../server/assent/client",
    emptyOutDir: true,
    target: "es2022",
    // The policy of the server allows no inline code, and pictures as files are cached better.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
    // Old versions of Node.js need it for what every browser has; it is never reached here.
    rolldownOptions: { external: ["crypto"] },
  },
  // The worker that encrypts frames: one file, with nothing in it but what it needs.
  worker: { format: "es" },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  test: {
    include: ["tests/**/*.test.{ts,tsx}"],
    environment: "node",
    // A guard against hanging; a busy machine may take its time.
    testTimeout: 60_000,
    pool: "threads",
    maxWorkers: 2,
  },
});
