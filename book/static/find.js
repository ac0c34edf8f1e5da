// Finds the sections that hold all words: accents and capitals do not matter, titles count more, answers come last.
const plain = text => text.normalize('NFD').replace(/\p{M}/gu, '').replace(/đ/g, 'd').replace(/Đ/g, 'D').toLowerCase();

function find(words) {
    const wanted = plain(words).split(/\s+/).filter(Boolean);
    if (!wanted.length) return [];
    return SECTIONS.map(([page, title, address, text]) => {
        const head = plain(title), body = plain(page + ' ' + title + ' ' + text);
        if (!wanted.every(word => body.includes(word))) return null;
        const score = wanted.reduce((sum, word) => sum + 20 * head.includes(word)
            + Math.min(body.split(word).length - 1, 10), 0) - 100 * address.startsWith('solutions/');
        return {page, title, address, text, score, at: Math.max(0, plain(text).indexOf(wanted[0]))};
    }).filter(Boolean).sort((a, b) => b.score - a.score);
}

document.addEventListener('DOMContentLoaded', () => {
    const list = document.getElementById('found'), count = document.getElementById('count');
    const field = document.getElementById('words');
    const show = () => {
        const found = find(field.value);
        count.textContent = field.value.trim() ? count.dataset.words.replace('{n}', found.length) : '';
        list.replaceChildren(...found.slice(0, 100).map(({page, title, address, text, at}) => {
            const item = document.createElement('li'), link = document.createElement('a');
            const where = document.createElement('span'), piece = document.createElement('p');
            link.href = address; link.textContent = title;
            where.textContent = page === title ? '' : ' · ' + page;
            const from = at > 60 ? text.indexOf(' ', at - 60) + 1 : 0; // at the beginning of a word
            piece.textContent = text && (from ? '… ' : '') + text.slice(from, at + 160) + (at + 160 < text.length ? ' …' : '');
            item.append(link, where, piece);
            return item;
        }));
    };
    field.value = new URLSearchParams(location.search).get('q') ?? '';
    field.addEventListener('input', show);
    field.form.addEventListener('submit', event => event.preventDefault());
    show();
});
