#include "src/report/page_style.h"

namespace winnow {

// Text and its background differ by at least 4.5 : 1 in both schemes (tests/integration/screenshot measures it).
std::string_view page_css() {
  return R"css(
:root{color-scheme:light dark;--bg:#fbfaf7;--fg:#1d2125;--muted:#555d66;--line:#d8d6cf;--panel:#f1efe8;--link:#0b5394;
--grain:#8a5a00;--good:#17703f;--bad:#b3261e;--missed:#8a5a00;--on:#ffffff;
--s1:#0b5fa5;--s2:#b8470b;--s3:#1b7a55;--s4:#7a45b0;--s5:#7d6400;--s6:#5b6168}
@media (prefers-color-scheme:dark){:root{--bg:#15181b;--fg:#e7e5df;--muted:#a6adb5;--line:#363b41;--panel:#1f2428;
--link:#7cb8f0;--grain:#e0b050;--good:#5fd08f;--bad:#ff8f86;--missed:#e8b64c;--on:#101315;
--s1:#6cb2ee;--s2:#ff9c5c;--s3:#5fd0a2;--s4:#c6a4f2;--s5:#dcc04c;--s6:#b4bac0}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--fg);line-height:1.5;
font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",sans-serif}
header,main,footer{max-width:1120px;margin:0 auto;padding:0 20px}
header{padding-top:28px}
.brand{margin:0;color:var(--grain);font-weight:600;letter-spacing:.06em}
h1{font-size:1.75rem;line-height:1.2;margin:.1em 0 .5em;overflow-wrap:anywhere}
h2{font-size:1.25rem;margin:2.2em 0 .6em;padding-top:.5em;border-top:1px solid var(--line)}
p{max-width:75ch;overflow-wrap:break-word}
a{color:var(--link)}
.lead{font-size:1.125rem;max-width:80ch;margin:0;padding-left:16px;border-left:4px solid var(--grain)}
.lead p{margin:.35em 0}
nav{margin:1.2em 0 0;display:flex;flex-wrap:wrap;gap:4px 18px;font-size:.95rem}
nav a{padding:4px 0}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;margin:1.4em 0 0;padding:0}
.card{background:var(--panel);border:1px solid var(--line);border-radius:8px;padding:10px 14px;min-width:0}
.card dt{color:var(--muted);font-size:.9rem}
.card dd{margin:0;overflow-wrap:anywhere}
.card .value{font-size:1.4rem;font-weight:650;line-height:1.25;font-variant-numeric:tabular-nums}
.card .note{color:var(--muted);font-size:.85rem}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,400px),1fr));gap:16px 28px}
figure{margin:0;min-width:0}
.chart{max-width:600px}
.chart figcaption{font-weight:600}
.chart svg{display:block;width:100%;height:auto}
.chart text{fill:var(--muted);font:12px system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans",sans-serif}
.grid{stroke:var(--line);stroke-width:1}.axis{stroke:var(--muted);stroke-width:1}
.mark{stroke:var(--fg);stroke-width:1.5;stroke-dasharray:5 3}
.slider{margin-top:18px}.slider input{width:min(60%,420px);vertical-align:middle}
.slider output{font-weight:600}.slider ul{padding-left:1.2em}
.line{fill:none;stroke-width:2;stroke-linejoin:round}.band{stroke:none;opacity:.18}.area{opacity:.22;stroke:none}
.legend{list-style:none;display:flex;flex-wrap:wrap;gap:2px 16px;margin:2px 0 4px;padding:0;font-size:.9rem}
.legend svg{display:inline-block;width:28px;height:10px;margin-right:6px;vertical-align:middle}
.scroll{overflow-x:auto;max-width:100%;margin:.6em 0}
table{border-collapse:collapse;font-size:.93rem;font-variant-numeric:tabular-nums}
.above{display:flex;flex-wrap:wrap;gap:4px 14px;align-items:baseline;margin:1em 0 .3em;font-weight:600;max-width:none}
.above a{font-weight:400;font-size:.9rem}
th,td{text-align:left;padding:5px 12px;border-bottom:1px solid var(--line);vertical-align:top}
th{white-space:nowrap;border-bottom:2px solid var(--line)}
td.n,th.n{text-align:right;white-space:nowrap}
td.w{min-width:16ch;overflow-wrap:anywhere}
tbody tr:hover{background:var(--panel)}
th button{all:unset;cursor:pointer;font-weight:600}
th button:focus-visible,a:focus-visible,summary:focus-visible{outline:2px solid var(--link);outline-offset:2px}
th[aria-sort=ascending] button::after{content:" \25b2"}th[aria-sort=descending] button::after{content:" \25bc"}
details{margin:.8em 0}summary{cursor:pointer;font-weight:600}
pre{background:var(--panel);border:1px solid var(--line);border-radius:8px;padding:12px;overflow-x:auto;font-size:.86rem;
line-height:1.45}
pre,code{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace}
.facts{display:grid;grid-template-columns:max-content 1fr;gap:3px 20px;margin:.6em 0;font-size:.93rem}
.facts dt{color:var(--muted)}.facts dd{margin:0;overflow-wrap:anywhere}
.strip{padding:12px 0;border-bottom:1px solid var(--line)}
.strip>p{margin:0 0 8px;font-size:.95rem;max-width:none;overflow-wrap:anywhere}
.pics{display:flex;flex-wrap:wrap;gap:10px}
.pic{width:112px;font-size:.8rem;line-height:1.3}
.pic .frame{position:relative;border:4px solid var(--tone);border-radius:6px;width:112px;height:112px;overflow:hidden;
background:var(--panel);display:flex;align-items:center;justify-content:center;text-align:center}
.pic img{width:100%;height:100%;object-fit:contain;display:block}
.pic b{position:absolute;left:0;top:0;padding:0 6px 1px;background:var(--tone);color:var(--on);border-radius:0 0 6px 0;
font-size:.75rem;line-height:1.5}
.pic figcaption{margin-top:3px;color:var(--fg);overflow-wrap:anywhere;display:-webkit-box;-webkit-box-orient:vertical;
-webkit-line-clamp:3;overflow:hidden}
.pic .none{color:var(--muted);padding:18px 4px 4px}
.query{--tone:var(--fg);margin-right:10px}.query b{color:var(--bg)}.pairs .query{margin-right:0}
.pairs .pic+.query{margin-left:28px}
.right{--tone:var(--good)}.wrong{--tone:var(--bad)}.missed{--tone:var(--missed)}.plain{--tone:var(--line)}
.missed .frame{border-style:dashed}
footer{color:var(--muted);font-size:.85rem;padding-top:32px;padding-bottom:32px}
@media (max-width:520px){header,main,footer{padding-left:14px;padding-right:14px}header{padding-top:18px}
h1{font-size:1.4rem}.lead{font-size:1.03rem;padding-left:12px}.cards{grid-template-columns:repeat(2,minmax(0,1fr));gap:8px}
.card{padding:8px 10px}.card .value{font-size:1.12rem}.pics{gap:8px;display:grid;grid-template-columns:repeat(3,minmax(0,1fr))}
.pic,.pic .frame{width:auto}.pic .frame{height:auto;aspect-ratio:1}.pics .query,.pairs .pic+.query{margin:0}
.pics.pairs{grid-template-columns:repeat(2,minmax(0,120px))}
.facts{grid-template-columns:1fr;gap:0}.facts dd{margin-bottom:8px}.chart text{font-size:13px}th,td{padding:5px 8px}}
@media print{:root{--bg:#fff;--fg:#000;--muted:#444;--line:#bbb;--panel:#fff}nav,.above a{display:none}
.strip,.chart,.card,tr{break-inside:avoid}h2{break-after:avoid}details>*{display:block}.scroll{overflow:visible}}
)css";
}

std::string_view page_script() {
  return R"js(
document.querySelectorAll('table').forEach(function(table){
  var heads=Array.from(table.tHead.rows[0].cells);
  heads.forEach(function(head,column){
    var button=document.createElement('button');
    button.type='button';button.title='sort';button.textContent=head.textContent;
    head.textContent='';head.append(button);
    button.addEventListener('click',function(){
      var up=head.getAttribute('aria-sort')!=='ascending';
      heads.forEach(function(h){h.removeAttribute('aria-sort')});
      head.setAttribute('aria-sort',up?'ascending':'descending');
      var key=function(row){return row.cells[column].textContent.trim().replace('\u2212','-').replace(/,(?=\d{3})/g,'')};
      var rows=Array.from(table.tBodies[0].rows);
      rows.sort(function(a,b){
        var x=key(a),y=key(b),p=parseFloat(x),q=parseFloat(y);
        var order=isNaN(p)||isNaN(q)?x.localeCompare(y,undefined,{numeric:true}):p-q;
        return up?order:-order});
      rows.forEach(function(row){table.tBodies[0].append(row)});
    });
  });
});
)js";
}

}  // namespace winnow
