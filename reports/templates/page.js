'use strict';
// Tables that can be sorted and filtered. Without this script the page shows the same, unsorted.
(() => {
    const text = (row, column) => row.cells[column].textContent;
    const tables = [...document.querySelectorAll('table')].map(table => ({
        table, rows: [...table.tBodies[0].rows], words: [],
        names: [...table.tHead.rows[0].cells].map(cell => cell.textContent),
    }));
    const levels = new Map([...document.querySelectorAll('#cells li')].map(
        item => [item.textContent, item.dataset.levels.split(' ')]));
    const selects = [...document.querySelectorAll('#factors select')];

    const cellMatches = label => {
        const own = levels.get(label);
        return own === undefined || selects.every((select, i) => select.value === '' || select.value === own[i]);
    };

    const filter = entry => {
        const cell = entry.names.indexOf('cell');
        let shown = 0;
        for (const row of entry.rows) {
            const words = row.textContent.toLowerCase();
            row.hidden = !(entry.words.every(word => words.includes(word)) && (cell < 0 || cellMatches(text(row, cell))));
            shown += row.hidden ? 0 : 1;
        }
        entry.status.textContent = `${shown} of ${entry.rows.length} rows`;
    };

    // What is no number ("-") comes last, whichever way.
    const compare = (a, b, numeric, sign) => {
        if (!numeric)
            return sign * a.localeCompare(b, 'en', { numeric: true });
        const x = parseFloat(a), y = parseFloat(b);
        return Number.isNaN(x) || Number.isNaN(y) ? Number.isNaN(x) - Number.isNaN(y) : sign * (x - y);
    };

    const sort = (entry, column) => {
        const heads = [...entry.table.tHead.rows[0].cells], head = heads[column];
        const order = head.getAttribute('aria-sort') === 'ascending' ? 'descending' : 'ascending';
        const sign = order === 'ascending' ? 1 : -1, numeric = head.classList.contains('number');
        heads.forEach(each => each.removeAttribute('aria-sort'));
        head.setAttribute('aria-sort', order);
        entry.rows.sort((a, b) => compare(text(a, column), text(b, column), numeric, sign));
        entry.table.tBodies[0].append(...entry.rows);
    };

    const addSorting = entry => [...entry.table.tHead.rows[0].cells].forEach((head, column) => {
        const button = document.createElement('button');
        button.type = 'button';
        button.textContent = head.textContent;
        button.addEventListener('click', () => sort(entry, column));
        head.replaceChildren(button);
    });

    const addFilter = entry => {
        const label = document.createElement('label'), input = document.createElement('input');
        const region = entry.table.closest('.scroll');
        entry.status = document.createElement('span');
        entry.status.setAttribute('role', 'status');
        input.type = 'search';
        input.addEventListener('input', () => {
            entry.words = input.value.toLowerCase().split(/\s+/);
            filter(entry);
        });
        label.append('Rows with ', input);
        const bar = document.createElement('p');
        bar.className = 'tools';
        bar.append(label, ' ', entry.status);
        region.before(bar);
    };

    for (const entry of tables) {
        addSorting(entry);
        addFilter(entry);
        filter(entry);
    }
    for (const select of selects)
        select.addEventListener('change', () => tables.forEach(filter));
    if (selects.length > 0)
        document.getElementById('factors').hidden = false;
})();
