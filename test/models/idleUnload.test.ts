import { expect, it } from "vitest";
import { type Freed, unloadWhenIdle } from "../../src/models/idleUnload.ts";
import { Residency } from "../../src/models/residency.ts";

/** A clock that is moved by hand. */
class Clock {
  #now = 0;
  readonly #timers = new Map<() => void, number>();

  readonly schedule = (milliseconds: number, callback: () => void): (() => void) => {
    this.#timers.set(callback, this.#now + milliseconds);
    return () => this.#timers.delete(callback);
  };

  async pass(milliseconds: number): Promise<void> {
    this.#now += milliseconds;
    for (const [callback, at] of [...this.#timers]) {
      if (at > this.#now) continue;
      this.#timers.delete(callback);
      callback();
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const minute = 60_000;

function idleModel() {
  const residency = new Residency();
  const clock = new Clock();
  const freed: Freed[] = [];
  let resident = 100;
  let disposed = 0;
  const plan = (key: string) => ({
    key,
    label: key,
    memory: async () => ({ resident: 30, working: 0 }),
    load: async () => {
      resident += 30;
      return {
        dispose() {
          disposed += 1;
          resident -= 25;
        },
      };
    },
  });
  const stop = unloadWhenIdle(residency, {
    onUnload: (one) => freed.push(one),
    schedule: clock.schedule,
    resident: () => resident,
  });
  return { residency, clock, freed, plan, stop, disposed: () => disposed };
}

const nothing = async () => {};

it("unloads after ten minutes without a use, and says what that gave back", async () => {
  const { residency, clock, freed, plan, disposed } = idleModel();
  await residency.use(plan("a"), nothing);
  await residency.use(plan("b"), nothing);
  await clock.pass(9.9 * minute);
  expect(disposed()).toBe(0);
  await clock.pass(0.2 * minute);
  expect(disposed()).toBe(2);
  expect(freed).toEqual([{ submodels: 2, bytes: 50 }]);
  expect(residency.statistics()).toEqual([]);
});

it("begins to count again with every use, and does not count while one runs", async () => {
  const { residency, clock, freed, plan } = idleModel();
  await residency.use(plan("a"), nothing);
  await clock.pass(6 * minute);
  await residency.use(plan("a"), () => clock.pass(20 * minute));
  await clock.pass(6 * minute);
  expect(freed).toEqual([]);
  await clock.pass(4 * minute);
  expect(freed).toEqual([{ submodels: 1, bytes: 25 }]);
  await clock.pass(60 * minute);
  expect(freed).toHaveLength(1);
});

it("is over when it is stopped", async () => {
  const { residency, clock, plan, stop, disposed } = idleModel();
  await residency.use(plan("a"), nothing);
  stop();
  await clock.pass(60 * minute);
  await residency.use(plan("a"), nothing);
  await clock.pass(60 * minute);
  expect(disposed()).toBe(0);
});
