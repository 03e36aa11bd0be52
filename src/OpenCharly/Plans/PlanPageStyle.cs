namespace OpenCharly.Plans;

/// <summary>How the page of a plan looks: on light and dark screens, narrow ones, and on paper.</summary>
internal static class PlanPageStyle
{
    public const string Text = """

        :root{color-scheme:light dark;--paper:#fbfaf8;--card:#fff;--ink:#1f2528;--soft:#5a646b;--line:#e2dfd9;--accent:#0f6e5d;--root:#a3402a;--open:#2f6b2f;--closed:#8a5a00;--code:#f3f1ec;--mark:#fff3c9}
        @media (prefers-color-scheme:dark){:root{--paper:#15181a;--card:#1c2023;--ink:#e6e4df;--soft:#9fa9ae;--line:#31373b;--accent:#63c7b2;--root:#f0957d;--open:#8fcf8f;--closed:#e5b65c;--code:#121516;--mark:#4a4015}}
        *{box-sizing:border-box}
        body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
        main{max-width:64rem;margin:0 auto;padding:0 1.25rem 4rem}
        .tools{position:sticky;top:0;z-index:1;display:flex;flex-wrap:wrap;gap:.5rem .9rem;align-items:center;padding:.65rem max(1.25rem,calc((100vw - 64rem)/2 + 1.25rem));background:var(--card);border-bottom:1px solid var(--line)}
        .tools>label:first-child{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
        input[type=search]{flex:1 1 14rem;min-width:0;font:inherit;padding:.35rem .7rem;border:1px solid var(--line);border-radius:.5rem;background:var(--paper);color:inherit}
        .check{display:flex;gap:.35rem;align-items:center;color:var(--soft);font-size:.9rem}
        button{font:inherit;font-size:.9rem;padding:.3rem .8rem;border:1px solid var(--line);border-radius:.5rem;background:var(--paper);color:inherit;cursor:pointer}
        button:hover{border-color:var(--accent)}
        :focus-visible{outline:2px solid var(--accent);outline-offset:2px}
        output{margin-left:auto;color:var(--soft);font-size:.9rem;font-variant-numeric:tabular-nums}
        article{padding-top:2rem}
        article+article{margin-top:2rem;border-top:1px solid var(--line)}
        h1{font-size:1.7rem;line-height:1.2;margin:0 0 1rem;overflow-wrap:anywhere}
        .to,.version{color:var(--soft);font-weight:400}
        .version{font-size:.85rem}
        dl{display:flex;flex-wrap:wrap;gap:.5rem 2rem;margin:0 0 1rem}
        dt{font-size:.8rem;color:var(--soft)}
        dd{margin:0;overflow-wrap:anywhere}
        .gates{display:flex;flex-wrap:wrap;gap:.4rem;margin:0 0 .6rem}
        .sum{margin:0;font-weight:600}
        .warning{border-left:3px solid var(--closed);padding:.3rem .8rem;margin:.8rem 0 0;background:var(--card)}
        h2{font-size:1.1rem;margin:1.8rem 0 .6rem;overflow-wrap:anywhere}
        h3{font-size:.8rem;font-weight:600;color:var(--soft);margin:.9rem 0 .25rem}
        ol{list-style:none;margin:0;padding:0}
        .step{background:var(--card);border:1px solid var(--line);border-left:3px solid var(--accent);border-radius:.5rem;margin:.35rem 0}
        .step.root{border-left-color:var(--root)}
        .step.left{border-left-style:dashed;border-left-color:var(--soft)}
        .step.left .what{color:var(--soft)}
        summary{display:flex;flex-wrap:wrap;gap:.1rem .7rem;align-items:baseline;padding:.5rem .9rem;cursor:pointer;list-style:none}
        summary::-webkit-details-marker{display:none}
        .n{min-width:1.6rem;text-align:right;color:var(--soft);font-variant-numeric:tabular-nums;font-size:.9rem}
        .n::before{content:"";display:inline-block;border:.28rem solid transparent;border-left-color:currentColor;border-right-width:0;margin-right:.4rem;vertical-align:.05em}
        details[open]>summary .n::before{transform:rotate(90deg)}
        .kind{font-weight:600}
        .what{flex:1 1 18rem;min-width:0;overflow-wrap:anywhere}
        .badges{display:flex;flex-wrap:wrap;gap:.3rem}
        .badge{font-size:.78rem;line-height:1.5;padding:0 .5rem;border:1px solid currentColor;border-radius:1rem;color:var(--soft);white-space:nowrap}
        .asroot{color:var(--root)}
        .opened{color:var(--open)}
        .closed{color:var(--closed)}
        .body{padding:0 .9rem .8rem 3.2rem}
        .body p{margin:.2rem 0}
        pre{margin:0;padding:.6rem .8rem;background:var(--code);border:1px solid var(--line);border-radius:.4rem;font:.85rem/1.45 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;white-space:pre-wrap;overflow-wrap:anywhere;max-height:30rem;overflow:auto}
        code{font:.9em ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
        .undo{margin:0;padding-left:1.1rem;overflow-wrap:anywhere}
        .digest{color:var(--soft);font:.75rem ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:anywhere;padding-top:.5rem}
        .notes ul{margin:0;padding-left:1.2rem;color:var(--soft);overflow-wrap:anywhere}
        [hidden]{display:none!important}
        @media (max-width:40rem){.body{padding-left:.9rem}}
        @media print{:root{--paper:#fff;--card:#fff;--ink:#000;--soft:#444;--line:#bbb;--accent:#000;--root:#000;--open:#000;--closed:#000;--code:#fff}.tools{display:none}body{font-size:10pt}main{max-width:none;padding:0}.step{break-inside:avoid-page}h2{break-after:avoid}pre{max-height:none;overflow:visible}details::details-content{content-visibility:visible!important;height:auto!important}}

        """;
}
