(function () {
  var cases = [].slice.call(document.querySelectorAll('.case'));
  var form = document.querySelector('.filters');
  if (!form || !cases.length) return;
  form.hidden = false;
  var count = form.querySelector('output');
  function apply() {
    var wanted = {}, text = form.elements.text.value.trim().toLowerCase(), shown = 0;
    ['rule', 'owner', 'division', 'severity', 'change'].forEach(function (key) { wanted[key] = form.elements[key].value; });
    cases.forEach(function (one) {
      var fits = Object.keys(wanted).every(function (key) { return !wanted[key] || one.dataset[key] === wanted[key]; });
      fits = fits && (!text || one.dataset.find.indexOf(text) >= 0);
      one.hidden = !fits;
      if (fits) shown += 1;
    });
    count.textContent = shown + ' ' + count.dataset.word;
  }
  form.addEventListener('input', apply);
  form.addEventListener('submit', function (event) { event.preventDefault(); });
  form.querySelectorAll('button').forEach(function (button) {
    button.addEventListener('click', function () {
      cases.forEach(function (one) { if (!one.hidden) one.open = button.dataset.open === '1'; });
    });
  });
  function reveal() {
    var one = location.hash && document.getElementById(location.hash.slice(1));
    if (one && one.classList.contains('case')) { one.open = true; one.scrollIntoView(); }
  }
  window.addEventListener('hashchange', reveal);
  reveal();
  apply();
})();
