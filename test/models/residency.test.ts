import { describe, expect, it } from "vitest";
import { Residency, type ResidentPlan } from "../../src/models/residency.ts";

/** Counts loads and disposals of one thing. */
class Thing {
  loads = 0;
  disposed = 0;
  dispose(): void {
    this.disposed += 1;
  }
}

interface Promised {
  promise: Promise<void>;
  resolve(): void;
}

function promised(): Promised {
  let resolve: () => void = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

function plan(thing: Thing, key: string, resident: number, working = 0): ResidentPlan<Thing> {
  return {
    key,
    label: key,
    memory: async () => ({ resident, working }),
    load: async () => {
      thing.loads += 1;
      return thing;
    },
  };
}

const idle = async () => {};
const labels = (residency: Residency) => residency.statistics().map(({ label }) => label);

describe("what is in memory", () => {
  it("is loaded once and kept", async () => {
    const residency = new Residency();
    const thing = new Thing();
    expect(await residency.use(plan(thing, "a", 5), async (loaded) => loaded)).toBe(thing);
    await residency.use(plan(thing, "a", 5), idle);
    expect([thing.loads, thing.disposed]).toEqual([1, 0]);
    expect(residency.statistics()).toEqual([{ label: "a", bytes: 5, inUse: false }]);
  });

  it("makes room by dropping what was not used for longest", async () => {
    const residency = new Residency({ budget: 10 });
    const [a, b, c] = [new Thing(), new Thing(), new Thing()];
    await residency.use(plan(a, "a", 4), idle);
    await residency.use(plan(b, "b", 4), idle);
    await residency.use(plan(a, "a", 4), idle);
    await residency.use(plan(c, "c", 4), idle);
    expect([a.disposed, b.disposed, c.disposed]).toEqual([0, 1, 0]);
    expect(labels(residency)).toEqual(["c", "a"]);
    await residency.use(plan(b, "b", 4), idle);
    expect(b.loads).toBe(2);
    expect(labels(residency)).toEqual(["b", "c"]);
  });

  it("drops before it loads, so that both are never there", async () => {
    const residency = new Residency({ budget: 10 });
    const [base, refiner] = [new Thing(), new Thing()];
    await residency.use(plan(base, "base", 8), idle);
    const order: number[] = [];
    const loading = {
      ...plan(refiner, "refiner", 8),
      load: async () => {
        order.push(base.disposed);
        return refiner;
      },
    };
    await residency.use(loading, idle);
    expect(order).toEqual([1]);
  });

  it("stays while it is used, however little room there is", async () => {
    const residency = new Residency({ budget: 10 });
    const [a, b] = [new Thing(), new Thing()];
    await residency.use(plan(a, "a", 8), async () => {
      await residency.use(plan(b, "b", 8), idle);
      expect(a.disposed).toBe(0);
    });
    expect(residency.held).toBe(16);
    await residency.use(plan(a, "a", 8, 1), idle);
    expect([a.disposed, b.disposed]).toEqual([0, 1]);
  });

  it("counts what runs take, which stays with the largest of them", async () => {
    const residency = new Residency({ budget: 20 });
    const [a, b] = [new Thing(), new Thing()];
    await residency.use(plan(a, "a", 5, 10), idle);
    await residency.use(plan(a, "a", 5, 2), idle);
    expect(residency.held).toBe(15);
    await residency.use(plan(b, "b", 5), idle);
    expect(a.disposed).toBe(0);
    await residency.use(plan(b, "b", 5, 1), idle);
    expect(a.disposed).toBe(1);
  });

  it("fits into what the machine has to spare, where that is less than the budget", async () => {
    let spare = 6;
    const residency = new Residency({ budget: 100, available: async () => spare });
    const [a, b] = [new Thing(), new Thing()];
    await residency.use(plan(a, "a", 4), idle);
    spare = 2;
    expect(await residency.room()).toBe(6);
    await residency.use(plan(b, "b", 4), idle);
    expect(a.disposed).toBe(1);
  });

  it("leaves the room that the budget and what is in use leave", async () => {
    const residency = new Residency({ budget: 10, available: async () => 100 });
    await residency.use(plan(new Thing(), "a", 4), async () => {
      expect(await residency.room()).toBe(6);
    });
    expect(await residency.room()).toBe(10);
  });

  it("is loaded once for two who ask at the same time, and room is not counted twice", async () => {
    const residency = new Residency({ budget: 10 });
    const [a, b, c] = [new Thing(), new Thing(), new Thing()];
    await residency.use(plan(c, "c", 4), idle);
    const both = promised();
    const first = residency.use(plan(a, "a", 4), () => both.promise);
    const second = residency.use(plan(a, "a", 4), () => both.promise);
    const third = residency.use(plan(b, "b", 4), async () => both.resolve());
    await Promise.all([first, second, third]);
    expect([a.loads, b.loads, c.disposed]).toEqual([1, 1, 1]);
  });

  it("is tried again after a failed load, which leaves nothing behind", async () => {
    const residency = new Residency();
    const thing = new Thing();
    const failing = { ...plan(thing, "a", 5), load: async () => Promise.reject(new Error("no such file")) };
    await expect(residency.use(failing, idle)).rejects.toThrow("no such file");
    expect(residency.statistics()).toEqual([]);
    await residency.use(plan(thing, "a", 5), idle);
    expect(thing.loads).toBe(1);
  });

  it("is finished and kept when the one who waited for it gives up", async () => {
    const residency = new Residency();
    const thing = new Thing();
    const [begun, compiled] = [promised(), promised()];
    const slow: ResidentPlan<Thing> = {
      ...plan(thing, "a", 5),
      load: async () => {
        begun.resolve();
        await compiled.promise;
        return thing;
      },
    };
    const controller = new AbortController();
    const used = residency.use(slow, idle, controller.signal);
    await begun.promise;
    controller.abort();
    await expect(used).rejects.toMatchObject({ code: "cancelled" });
    expect(residency.isActive).toBe(true);
    compiled.resolve();
    await residency.use(plan(thing, "a", 5), idle);
    expect([thing.loads, thing.disposed, residency.isActive]).toEqual([0, 0, false]);
  });

  it("is dropped on demand, but not while it is used", async () => {
    const residency = new Residency();
    const [a, b] = [new Thing(), new Thing()];
    await residency.use(plan(b, "b", 1), idle);
    await residency.use(plan(a, "a", 1), () => residency.dropIdle());
    expect([a.disposed, b.disposed]).toEqual([0, 1]);
    expect([residency.has("a"), residency.has("b")]).toEqual([true, false]);
    await residency.dropIdle((key) => key !== "a");
    expect(a.disposed).toBe(0);
    await residency.forget((key) => key === "a");
    expect(a.disposed).toBe(1);
  });

  it("is not loaded any more once its owner is closed", async () => {
    const residency = new Residency();
    const thing = new Thing();
    const used = residency.use(plan(thing, "a", 1), idle);
    await residency.forget((key) => key === "a");
    await expect(used).rejects.toMatchObject({ code: "cancelled" });
    expect([thing.loads, residency.isActive, residency.held]).toEqual([0, false, 0]);
  });

  it("tells when the first use begins and the last ends", async () => {
    const residency = new Residency();
    const heard: boolean[] = [];
    residency.onActivity = (active) => heard.push(active);
    await residency.use(plan(new Thing(), "a", 1), () => residency.use(plan(new Thing(), "b", 1), idle));
    await expect(
      residency.use(plan(new Thing(), "a", 1), () => Promise.reject(new Error("failed"))),
    ).rejects.toThrow("failed");
    expect(heard).toEqual([true, false, true, false]);
  });
});
