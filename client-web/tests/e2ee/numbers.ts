// Numbers that look random and are the same each time: a linear congruential generator.

/** Make what gives numbers from 0 up to, and without, `below`. */
export function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
