"""A page of `nofade report`, read as a browser would: its elements, tables and texts."""
import html.parser

VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "wbr"}
LOADING = {"src", "href", "xlink:href", "data", "action", "poster", "srcset", "background"}


class Element:
    def __init__(self, tag, attributes, parent):
        self.tag, self.attributes, self.parent = tag, attributes, parent
        self.children = []

    def walk(self):
        yield self
        for child in self.children:
            if isinstance(child, Element):
                yield from child.walk()

    def all(self, tag, **attributes):
        return [element for element in self.walk() if element.tag == tag
                and all(element.attributes.get(name.rstrip("_")) == value for name, value in attributes.items())]

    @property
    def text(self):
        return "".join(child.text if isinstance(child, Element) else child for child in self.children)


# Tags whose beginning or end also ends these, as HTML says.
ENDED_BY_START = {"td": {"td"}, "th": {"td"}}
ENDED_BY_END = {"tr": {"td"}}


class Page(html.parser.HTMLParser):
    """Elements that are not closed in their order are a fault, but for the cells of tables, which need no end."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.faults = []
        self.root = self.at = Element("", {}, None)
        self.declaration = None
        self.feed(text)
        self.close()
        if self.at is not self.root:
            self.faults.append(f"<{self.at.tag}> stays open")

    def handle_decl(self, decl):
        self.declaration = decl

    def end_implied(self, tags):
        while self.at.tag in tags:
            self.at = self.at.parent

    def handle_starttag(self, tag, attrs):
        self.end_implied(ENDED_BY_START.get(tag, set()))
        element = Element(tag, dict(attrs), self.at)
        if len(element.attributes) != len(attrs):
            self.faults.append(f"<{tag}> has an attribute twice")
        self.at.children.append(element)
        if tag not in VOID:
            self.at = element

    def handle_startendtag(self, tag, attrs):
        self.at.children.append(Element(tag, dict(attrs), self.at))

    def handle_endtag(self, tag):
        self.end_implied(ENDED_BY_END.get(tag, set()))
        if self.at.tag != tag:
            self.faults.append(f"</{tag}> inside <{self.at.tag}>")
        else:
            self.at = self.at.parent

    def handle_data(self, data):
        self.at.children.append(data)

    def all(self, tag, **attributes):
        return self.root.all(tag, **attributes)

    def by_id(self, name):
        return next(element for element in self.root.walk() if element.attributes.get("id") == name)

    def section(self, name):
        return next(element for element in self.all("section") if element.attributes.get("aria-labelledby") == name)

    def table(self, caption):
        """Rows of the table with this caption: lists of texts, the heads first."""
        for table in self.all("table"):
            if table.all("caption")[0].text == caption:
                return [[cell.text.strip() for cell in row.all("th") + row.all("td")] for row in table.all("tr")]
        raise KeyError(caption)

    def captions(self):
        return [caption.text for caption in self.all("caption")]

    def loads(self):
        """Everything that a browser could fetch or follow, but places on the page itself and pictures inside it."""
        return [(element.tag, name, value) for element in self.root.walk() for name, value in element.attributes.items()
                if name in LOADING and not (value or "").startswith(("#", "data:image/webp;base64,"))]
