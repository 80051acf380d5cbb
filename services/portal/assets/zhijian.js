// Pages work without this file. It keeps what is being typed, follows long work, and adds a few keys.
(() => {
  "use strict";
  const PREFIX = "zhijian:";
  const root = document.documentElement;
  const zh = root.lang.startsWith("zh");
  const store = (() => {
    try { localStorage.setItem(PREFIX, "1"); localStorage.removeItem(PREFIX); return localStorage; } catch { return null; }
  })();

  // Typed input survives a closed window: a form with data-keep is kept under that name until it is taken by the server.
  const fields = (form) => [...form.elements].filter((e) => e.name && !["hidden", "submit", "password", "file"].includes(e.type));
  const valueOf = (e) => (e.type === "checkbox" || e.type === "radio" ? e.checked : e.value);
  const stored = (e) => {
    if (e.type === "checkbox" || e.type === "radio") return e.defaultChecked;
    return e.options ? ([...e.options].find((o) => o.defaultSelected) || e.options[0] || {}).value : e.defaultValue;
  };
  // "v.SC01", "n.SC01" and the hidden "e.SC01" belong together; a hidden name without a point belongs to all.
  const group = (name) => (name.includes(".") ? name.slice(name.indexOf(".") + 1) : "");
  const bases = (form) => [...form.querySelectorAll("input[type=hidden][data-base]")];
  const keyOf = (e) => (["radio", "checkbox"].includes(e.type) ? `${e.name}=${e.value}` : e.name);

  function keep(form) {
    const key = PREFIX + form.dataset.keep;
    const status = form.querySelector("[data-saved]");
    const say = (text) => { if (status) status.textContent = text; };
    const kept = JSON.parse(store.getItem(key) || "null");
    if (kept && form.dataset.refused === undefined) {
      let restored = 0;
      const groups = new Set();
      for (const e of fields(form)) {
        const was = kept.fields[keyOf(e)];
        if (was === undefined || was === valueOf(e) || e.readOnly) continue;
        if (typeof was === "boolean") e.checked = was; else e.value = was;
        restored += 1;
        groups.add(group(e.name));
      }
      // What was typed goes back to the version it was typed upon, so that a newer one is noticed when it is saved.
      for (const e of bases(form)) {
        const concerned = groups.has(group(e.name)) || (restored && !e.name.includes("."));
        if (concerned && e.name in kept.base) e.value = kept.base[e.name];
      }
      if (restored) {
        say(zh ? `已找回 ${restored} 处没有保存的填写，请核对后保存。` : `${restored} unsaved entries were brought back; check them, then save.`);
      } else {
        store.removeItem(key);
      }
    }
    let timer;
    const remember = () => {
      const changed = {};
      for (const e of fields(form)) if (valueOf(e) !== stored(e)) changed[keyOf(e)] = valueOf(e);
      const base = Object.fromEntries(bases(form).map((e) => [e.name, e.value]));
      store.setItem(key, JSON.stringify({ fields: changed, base }));
    };
    const send = autosave(form, key, say, remember);
    // A field may stand elsewhere on the page than its form, and within another.
    document.addEventListener("input", (event) => {
      if (event.target.form !== form) return;
      clearTimeout(timer);
      timer = setTimeout(() => {
        remember();
        const now = new Date().toTimeString().slice(0, 5);
        say(zh ? `填写的内容已暂存在本机（${now}），还没有保存到系统。` : `Kept on this computer at ${now}, not yet saved.`);
        if (send) send();
      }, 400);
    });
    if (send && kept) send();
  }

  // A form with data-autosave is also saved on the server while it is typed. One save is under way at a time; one that got no
  // answer is repeated as it was, under the same id, so that it counts once however often it arrives. What the server does not
  // take stays on this computer until the reader saves it.
  function autosave(form, key, say, remember) {
    const address = form.querySelector("[data-autosave]")?.dataset.autosave;
    if (!address || form.dataset.refused !== undefined) return null;
    let pending = null;
    let waiting = false;
    let over = false;
    let patience = 1000;
    let retry;
    let resume = null;
    const newId = () => {
      const bytes = crypto.getRandomValues(new Uint8Array(16));
      bytes[6] = (bytes[6] & 15) | 64;
      bytes[8] = (bytes[8] & 63) | 128;
      const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
      return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
    };
    const changed = () => fields(form).some((e) => valueOf(e) !== stored(e));
    const take = () => {
      const body = new URLSearchParams(new FormData(form));
      body.set("request_id", newId());
      return { body, fields: fields(form).map((e) => [e, e.value]) };
    };
    const again = () => {
      clearTimeout(retry);
      retry = setTimeout(send, patience);
      patience = Math.min(patience * 2, 30000);
    };
    const lost = () => {
      resume = null;
      say(zh ? "网络中断：填写的内容已暂存在本机，连上后自动保存。" : "The line is down: kept on this computer, and saved once it is back.");
      again();
    };
    async function send() {
      if (waiting || over || form.dataset.sent) return;
      pending = pending || (changed() ? take() : null);
      if (!pending) return;
      waiting = true;
      try {
        const answer = await fetch(address, { method: "POST", body: pending.body, keepalive: true });
        const told = await answer.json();
        if (answer.ok) {
          for (const [e, value] of pending.fields) e.defaultValue = value;
          for (const e of bases(form)) if (e.name === "etag") e.value = told.etag;
          pending = null;
          patience = 1000;
          if (changed()) { remember(); again(); } else { store.removeItem(key); }
          const now = new Date().toTimeString().slice(0, 5);
          say(zh ? `草稿已自动保存（${now}）。` : `The draft was saved at ${now}.`);
        } else if (told.again) {
          lost();
        } else {
          pending = null;
          // Another window has saved something else: only the reader can tell which is meant.
          over = Boolean(told.conflict);
          const kept = zh ? "内容已暂存在本机。" : "It is kept on this computer.";
          if (told.conflict) say((zh ? "您在别的窗口改过这份评分，请点“存草稿”核对。" : "These scores were changed in another window: save the draft to compare. ") + kept);
          else if (told.signIn) { say((zh ? "登录已过期，请重新登录后继续。" : "Your session has ended; sign in again to go on. ") + kept); }
          else say(`${told.message} ${kept}`);
        }
      } catch { lost(); } finally {
        waiting = false;
        const go = resume;
        resume = null;
        if (go) go();
      }
    }
    // A save that is under way, or whose answer was lost, comes to its end before the form itself is sent.
    form.addEventListener("submit", (event) => {
      if (!waiting && !pending) return;
      event.preventDefault();
      event.stopPropagation();
      const button = event.submitter;
      resume = () => form.requestSubmit(button);
      if (!waiting) send();
    });
    addEventListener("online", () => { patience = 1000; send(); });
    document.addEventListener("visibilitychange", () => { if (document.hidden) send(); });
    return send;
  }
  if (store) {
    // The server names the last form it has taken; what was kept of it can go.
    const taken = /(?:^|; )zhijian_taken=([^;]+)/.exec(document.cookie)?.[1];
    const sent = JSON.parse(store.getItem(PREFIX + "sent") || "null");
    if (sent && sent.id === taken) { store.removeItem(sent.key); store.removeItem(PREFIX + "sent"); }
    document.querySelectorAll("form[data-keep]").forEach(keep);
  }

  // How long a text is, while it is written.
  document.querySelectorAll("textarea.long").forEach((area) => {
    const count = document.createElement("span");
    count.className = "hint";
    area.after(count);
    const tell = () => {
      const length = [...area.value.replace(/\s/g, "")].length;
      count.textContent = zh ? `已写 ${length} 字` : `${length} characters`;
    };
    area.addEventListener("input", tell);
    tell();
  });

  // A file that is too large is told before it is sent in vain.
  document.querySelectorAll("input[type=file][data-max-bytes]").forEach((input) => {
    input.addEventListener("change", () => {
      const most = Number(input.dataset.maxBytes);
      const file = input.files[0];
      const over = file && most && file.size > most;
      const mib = (bytes) => Math.ceil((bytes / 1048576) * 10) / 10;
      input.setCustomValidity(over ? "-" : "");
      input.parentElement.querySelector("[data-too-large]")?.remove();
      if (!over) return;
      const say = document.createElement("span");
      say.className = "wrong-text";
      say.dataset.tooLarge = "";
      say.role = "alert";
      say.textContent = zh
        ? `文件有 ${mib(file.size)} MB，最大 ${mib(most)} MB，请换一个文件。`
        : `The file has ${mib(file.size)} MB; at most ${mib(most)} MB are taken. Choose another.`;
      input.before(say);
      input.value = "";
      input.setCustomValidity("");
    });
  });

  // A form is sent once, however often its button is pressed.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post") return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    if (store && form.dataset.keep) {
      store.setItem(PREFIX + "sent", JSON.stringify({ key: PREFIX + form.dataset.keep, id: form.elements.request_id.value }));
    }
    // Nothing stays behind on a shared computer.
    if (store && form.action.endsWith("/sign-out")) {
      Object.keys(store).filter((key) => key.startsWith(PREFIX)).forEach((key) => store.removeItem(key));
    }
    setTimeout(() => { delete form.dataset.sent; }, 4000);
  });
  addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((f) => delete f.dataset.sent));

  // Long work: ask for its state until it has ended, then show the page anew.
  document.querySelectorAll("[data-operation]").forEach((box) => {
    const bar = box.querySelector("progress");
    const note = box.querySelector("[data-note]");
    const ask = async () => {
      try {
        const answer = await fetch(box.dataset.operation, { headers: { accept: "application/json" } });
        if (answer.ok) {
          const state = await answer.json();
          if (state.ended) { location.replace(location.pathname); return; }
          if (bar && state.total) { bar.max = state.total; bar.value = state.done; }
          if (note) note.textContent = state.note;
        }
      } catch { /* The network is away; the next try may reach it. */ }
      setTimeout(ask, 700);
    };
    document.querySelector("meta[http-equiv=refresh]")?.remove();
    ask();
  });

  // A page that is meant to be printed.
  document.querySelectorAll("[data-print]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => print());
  });

  // Select filters act at once.
  document.querySelectorAll("form[data-at-once]").forEach((form) => {
    form.addEventListener("change", () => form.requestSubmit());
    form.querySelector("[data-go]")?.remove();
  });

  // Keys: Ctrl+S saves, arrows up and down walk a column of the ledger, "/" goes to the first filter.
  document.addEventListener("keydown", (event) => {
    const at = document.activeElement;
    const typing = at && /^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName);
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s") {
      const form = (at && at.form) || document.querySelector("form[data-keep]");
      const button = form && form.querySelector("[data-save]");
      if (button) { event.preventDefault(); form.requestSubmit(button); }
    } else if (typing && at.closest(".ledger, .elements") && ["ArrowUp", "ArrowDown", "Enter"].includes(event.key) && at.type === "text") {
      const column = [...at.closest("form").querySelectorAll(`input.${at.classList[0] || "value"}`)].filter((e) => e.offsetParent);
      const next = column[column.indexOf(at) + (event.key === "ArrowUp" ? -1 : 1)];
      event.preventDefault();
      if (next) { next.focus(); next.select(); }
    } else if (event.key === "/" && !typing) {
      const first = document.querySelector(".filters input, .filters select");
      if (first) { event.preventDefault(); first.focus(); }
    }
  });

  // A refused form: the reader lands on what is wrong.
  document.querySelector("[data-faults]")?.focus();
})();
