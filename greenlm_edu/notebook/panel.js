export default {
  initialize({ model }) { window.glmTicks = window.glmTicks || []; model.on("msg:custom", (c) => { window.glmTicks.push([performance.now(), c.kind, c.t]); window.glmLast=c; }); model.send({kind:"hello"}); },
  render({ model, el }) { const d=document.createElement("div"); d.className="greenlm-panel"; el.appendChild(d); d.textContent="panel "+model.get("run").place;
    const b=document.createElement("button"); b.textContent="guess"; b.onclick=()=>model.send({kind:"guess",energy_j:500}); el.appendChild(b);
    model.on("msg:custom", (c) => { d.textContent = c.kind + " " + c.t + " " + JSON.stringify(c.total); }); model.send({kind:"drawn"}); } };
