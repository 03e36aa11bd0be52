namespace OpenCharly.Plans;

/// <summary>What the page of a plan can do: filter its steps, open and close them, open all of them for the printer.</summary>
internal static class PlanPageScript
{
    public const string Text = """

        'use strict';
        const find = document.getElementById('find'), root = document.getElementById('root'), left = document.getElementById('left');
        const count = document.getElementById('count'), steps = [...document.querySelectorAll('.step')], sections = [...document.querySelectorAll('section')];
        const texts = new Map(steps.map(s => [s, (s.closest('section').querySelector('h2').textContent + ' ' + s.textContent).toLowerCase()]));
        function show() {
          const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
          let shown = 0;
          for (const s of steps) {
            s.hidden = !words.every(w => texts.get(s).includes(w)) || (root.checked && !s.classList.contains('root')) || (left.checked && !s.classList.contains('left'));
            shown += !s.hidden;
          }
          for (const s of sections) {
            const own = [...s.querySelectorAll('.step')];
            s.hidden = own.length > 0 && own.every(x => x.hidden);
          }
          count.textContent = shown === steps.length ? steps.length + ' steps' : shown + ' of ' + steps.length + ' steps';
        }
        const all = open => { for (const s of steps) if (!s.hidden) s.querySelector('details').open = open; };
        for (const x of [find, root, left]) x.addEventListener('input', show);
        document.getElementById('open').addEventListener('click', () => all(true));
        document.getElementById('close').addEventListener('click', () => all(false));
        let before = [];
        addEventListener('beforeprint', () => { before = steps.filter(s => !s.querySelector('details').open); all(true); });
        addEventListener('afterprint', () => { for (const s of before) s.querySelector('details').open = false; });
        addEventListener('keydown', e => { if (e.key === '/' && document.activeElement !== find) { e.preventDefault(); find.focus(); } });
        show();

        """;
}
