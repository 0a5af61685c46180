const tick = 1; // milliseconds between two looks at the clock

/** Looks at the clock all the time. @returns a function that ends it and says how long it was kept from it at most */
exports.watchEventLoop = function watchEventLoop() {
  const longest = { wall: 0, cpu: 0, over50: 0 };
  let at = performance.now();
  let used = process.threadCpuUsage();
  const look = () => {
    const now = performance.now();
    const { user, system } = process.threadCpuUsage(used);
    longest.wall = Math.max(longest.wall, now - at - tick);
    longest.cpu = Math.max(longest.cpu, (user + system) / 1000);
    if (now - at - tick > 50) longest.over50++;
    at = now;
    used = process.threadCpuUsage();
  };
  const timer = setInterval(look, tick);
  return () => {
    clearInterval(timer);
    return longest;
  };
};
