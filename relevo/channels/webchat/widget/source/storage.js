// Values that outlive the page; kept in memory where the browser forbids storage.

/** What an action gives, or `otherwise` where the browser forbids it. */
const attempt = (action, otherwise) => {
  try {
    return action();
  } catch {
    return otherwise;
  }
};

export const storage = (prefix, area = 'localStorage') => {
  const memory = {};
  const get = (key) => attempt(() => JSON.parse(window[area][prefix + key] ?? null), memory[key] ?? null);
  return {
    get,

    /** Keeps a value; null or undefined removes it. */
    set(key, value = null) {
      memory[key] = value;
      attempt(() => {
        if (value === null) delete window[area][prefix + key];
        else window[area][prefix + key] = JSON.stringify(value);
      });
    },

    /** The values of all keys that begin alike. */
    all(start) {
      const keys = attempt(() => Object.keys(window[area]), []);
      return keys.filter((key) => key.startsWith(prefix + start)).map((key) => get(key.slice(prefix.length)));
    },
  };
};
