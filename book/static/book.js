// Boxes that scroll sideways can be reached by the keyboard; paper shows what is folded.
document.addEventListener('DOMContentLoaded', () => {
    for (const box of document.querySelectorAll('.table-wrapper, .math-wrapper, .highlight pre, .sidebar-scroll, .toc-scroll')) {
        if (box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight) box.tabIndex = 0;
    }
    document.querySelector('.sidebar-drawer')?.setAttribute('aria-label', 'Contents');
    document.querySelector('.toc-drawer')?.setAttribute('aria-label', 'On this page');
});
