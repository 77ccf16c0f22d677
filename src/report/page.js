"use strict";
/* Sorting and searching of tables. Everything can be read without. */
(function () {
  function text(row, column) {
    return row.cells[column].textContent.trim();
  }

  function number(row, column) {
    return parseFloat(text(row, column).replace(/,/g, "").replace("\u2212", "-"));
  }

  /* Rows in the order of a column; what is empty comes last either way, equal ones stay as they are. */
  function sorted(rows, column, words, descending) {
    var keys = rows.map(function (row, index) {
      var key = words ? text(row, column) : number(row, column);
      return { row: row, index: index, key: key, empty: words ? key === "" : isNaN(key) };
    });
    var collator = new Intl.Collator("en", { numeric: true });
    keys.sort(function (a, b) {
      if (a.empty || b.empty) { return a.empty - b.empty || a.index - b.index; }
      var order = words ? collator.compare(a.key, b.key) : a.key - b.key;
      return (descending ? -order : order) || a.index - b.index;
    });
    return keys.map(function (key) { return key.row; });
  }

  function sortBy(table, head) {
    var body = table.tBodies[0], descending = head.getAttribute("aria-sort") === "ascending";
    var rows = sorted(Array.from(body.rows), head.cellIndex, head.classList.contains("w"), descending);
    Array.from(table.tHead.rows[0].cells).forEach(function (cell) { cell.removeAttribute("aria-sort"); });
    head.setAttribute("aria-sort", descending ? "descending" : "ascending");
    body.append.apply(body, rows);
  }

  function addButtons(table) {
    Array.from(table.tHead.rows[0].cells).forEach(function (head) {
      var button = document.createElement("button");
      button.type = "button";
      var arrow = document.createElement("span");
      arrow.className = "arrow";
      button.append.apply(button, Array.from(head.childNodes));
      (button.querySelector("small") || button).append(arrow);
      head.append(button);
      button.addEventListener("click", function () { sortBy(table, head); });
    });
  }

  function addSearch(table) {
    var box = document.createElement("p"), label = document.createElement("label");
    var input = document.createElement("input"), output = document.createElement("output");
    var rows = Array.from(table.tBodies[0].rows);
    var texts = rows.map(function (row) { return row.textContent.toLowerCase(); });
    box.className = "search";
    var caption = table.caption.textContent.trim();
    label.append("Search " + caption.charAt(0).toLowerCase() + caption.slice(1));
    input.type = "search";
    input.id = "search-" + document.querySelectorAll(".search").length;
    label.htmlFor = input.id;
    output.htmlFor = input.id;
    box.append(label, input, output);
    table.parentNode.before(box);
    input.addEventListener("input", function () {
      var words = input.value.toLowerCase().split(/\s+/), shown = 0;
      rows.forEach(function (row, i) {
        var found = words.every(function (word) { return texts[i].includes(word); });
        row.hidden = !found;
        shown += found;
      });
      output.value = input.value.trim() === "" ? "" : shown.toLocaleString("en") + " of " + rows.length.toLocaleString("en");
    });
  }

  document.querySelectorAll("table.sorted").forEach(addButtons);
  document.querySelectorAll("table.searched").forEach(addSearch);
}());
