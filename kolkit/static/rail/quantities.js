// Numbers as people write them. What is typed may carry units (1.2m, 120万, 20%); what is sent is a
// plain number within the input's limits.
const UNITS = { "%": 0.01, k: 1e3, m: 1e6, bn: 1e9, "千": 1e3, "万": 1e4, "亿": 1e8 };

function significant(value, digits = 3) {
  const places = value ? Math.max(0, digits - 1 - Math.floor(Math.log10(Math.abs(value)))) : 0;
  return value.toFixed(Math.min(places, 6));
}

function shown(knob, value, language) {
  if (value === null || value === undefined) return "";
  if (typeof value !== "number") return String(value);
  if (knob.unit === "%") {
    const percent = Number((value * 100).toFixed(1));
    return language === "zh" ? `${percent}%` : `${percent} %`;
  }
  if (knob.unit === "¥" || (!knob.unit && Math.abs(value) >= 10000)) {
    const sign = knob.unit;
    const steps = language === "zh" ? [[1e8, "亿"], [1e4, "万"]] : [[1e9, "bn"], [1e6, "m"], [1e3, "k"]];
    const size = Number(significant(Math.abs(value)));
    for (const [step, unit] of steps) {
      if (size >= step) return `${sign}${Number(significant(size / step))}${unit}`;
    }
    return `${sign}${Math.round(value)}`;
  }
  return `${Number(value.toFixed(3))} ${knob.unit}`.trim();
}

function editable(knob, value) {
  if (value === null || value === undefined) return "";
  return String(Number((value * knob.scale).toPrecision(12)));
}

function parsed(knob, text) {
  let plain = text.normalize("NFKC").replace(/[¥\s]|rmb|cny|元|天|days?|×/gi, "").toLowerCase();
  // A comma parts thousands or nothing: 1,5 would be read as fifteen.
  if (plain.includes(",")) {
    if (!/^[-+]?\d{1,3}(,\d{3})+(?!\d)/.test(plain)) return null;
    plain = plain.replaceAll(",", "");
  }
  const match = plain.match(/^([-+]?\d*\.?\d+)(%|bn|[km千万亿])?$/);
  if (!match) return null;
  const number = Number(match[1]);
  if (match[2]) return number * UNITS[match[2]];
  return number / knob.scale;
}
