"""The small pictures of a report: the images that were measured, as grey levels, or a sentence on why there are none."""
import base64
import io
import os
import unittest

from report_page import Page
from support import BINARY, CliTest, Image, constant, gradient, needs_numpy, needs_pillow, noise, numpy, png_of, tar_of, zip_of

LEVEL = 77


def wide(w_px, h_px):
    """Left half dark, right half light."""
    return png_of([bytes([20] * (w_px // 2) + [220] * (w_px - w_px // 2)) for _ in range(h_px)], w_px)


class ThumbnailTest(CliTest):
    def arguments(self, args):
        return [BINARY, *args]

    def page_of(self, profile, *args):
        self.expect(0, "report", "-o", "r.html", "--no-figures", profile, *args)
        page = Page(self.read("r.html").decode("utf-8"))
        self.assertEqual(page.faults, [])
        return page

    def saved(self, path, *args):
        self.expect(0, "dataset", path, "--json", "p.json", "--quiet", *args)
        return "p.json"

    @staticmethod
    def pictures(page):
        """Of each row with a picture: the image's name and the picture's element."""
        found = {}
        for row in page.all("tr"):
            for picture in row.all("img"):
                found[row.all("span", class_="image")[0].text.split(" ")[0]] = picture
        return found

    def opened(self, picture):
        head = "data:image/webp;base64,"
        self.assertTrue(picture.attributes["src"].startswith(head))
        image = Image.open(io.BytesIO(base64.b64decode(picture.attributes["src"][len(head):], validate=True)))
        self.assertEqual(image.size, (int(picture.attributes["width"]), int(picture.attributes["height"])))
        return image.convert("L")

    def note(self, page):
        notes = [p.text for p in page.all("p", class_="note") if "Pictures are missing" in p.text]
        self.assertEqual(len(notes), 1)
        self.assertEqual(page.all("img"), [])
        return notes[0]


@needs_pillow
class Pictures(ThumbnailTest):
    MEMBERS = {"a/flat.png": constant(LEVEL), "a/ramp.png": gradient(9), "b/noise.png": noise(1), "b/wide.png": wide(400, 100)}

    def hold(self, page):
        found = self.pictures(page)
        self.assertEqual({name.split("/")[-1] for name in found}, {"flat.png", "ramp.png", "noise.png", "wide.png"})
        by_name = {name.split("/")[-1]: self.opened(picture) for name, picture in found.items()}
        self.assertEqual(set(by_name["flat.png"].getdata()), {LEVEL})
        self.assertEqual(by_name["wide.png"].size, (96, 24))
        self.assertLess(abs(by_name["wide.png"].getpixel((10, 12)) - 20), 12)
        self.assertLess(abs(by_name["wide.png"].getpixel((85, 12)) - 220), 12)
        original = Image.open(io.BytesIO(self.MEMBERS["b/noise.png"]))
        self.assertEqual(by_name["noise.png"].tobytes(), original.tobytes())

    def test_a_tar_a_zip_and_a_folder_give_them(self):
        self.write("s.tar", tar_of(self.MEMBERS))
        self.write("s.zip", zip_of(self.MEMBERS))
        self.write_tree("folder", self.MEMBERS)
        for path in ("s.tar", "s.zip", "folder"):
            with self.subTest(path):
                self.hold(self.page_of(self.saved(path)))

    def test_dataset_shows_them_at_once(self):
        self.write("s.tar", tar_of(self.MEMBERS))
        self.expect(0, "dataset", "s.tar", "--quiet", "--report", "r.html", "--no-figures")
        self.hold(Page(self.read("r.html").decode("utf-8")))

    def test_other_lists_have_none(self):
        self.write("s.tar", tar_of(self.MEMBERS))
        page = self.page_of(self.saved("s.tar"))
        table, = [table for table in page.all("table") if table.all("caption")[0].text == "Constant images of s.tar"]
        self.assertEqual((len(table.all("tr")), table.all("img")), (2, []))

    def test_duplicates_have_one(self):
        self.write("s.tar", tar_of({f"c/{i}.png": noise(i) for i in range(40)} | {"d/copy.png": noise(15)}))
        page = self.page_of(self.saved("s.tar"))
        table = next(table for table in page.all("table") if table.all("caption")[0].text.startswith("Duplicates"))
        self.assertEqual(len(table.all("img")), 1)
        original = Image.open(io.BytesIO(noise(15)))
        self.assertEqual(self.opened(table.all("img")[0]).tobytes(), original.tobytes())


@needs_pillow
@needs_numpy
class RawPixels(ThumbnailTest):
    def test_planes_that_stand_by_columns_are_shown_upright(self):
        """STL-10: planes of 96 x 96 px, column after column."""
        upright = numpy.zeros((96, 96), numpy.uint8)
        upright[:48] = 200 # light above, dark below
        noise_ = numpy.random.default_rng(1).integers(0, 256, (96, 96), numpy.uint8)
        raw = b"".join(numpy.repeat(picture.T[None], 3, 0).tobytes() for picture in (upright, noise_))
        self.write_tree("stl10_binary", {
            "train_X.bin": raw, "train_y.bin": bytes([1, 2]),
            "class_names.txt": b"airplane\nbird\ncar\ncat\ndeer\ndog\nhorse\nmonkey\nship\ntruck\n"})
        page = self.page_of(self.saved("stl10_binary"))
        shown = numpy.asarray(self.opened(self.pictures(page)["train_X.bin#0"]), numpy.int32)
        self.assertLess(abs(shown[:40] - 200).max(), 20)
        self.assertLess(shown[56:].max(), 20)


class Missing(ThumbnailTest):
    def setUp(self):
        super().setUp()
        self.write("s.tar", tar_of({"a/1.png": noise(1), "b/2.png": noise(2)}))
        self.profile = self.saved("s.tar")

    def test_a_source_that_is_gone(self):
        os.unlink(self.path("s.tar"))
        self.assertIn("s.tar is not there", self.note(self.page_of(self.profile)))

    def test_a_source_that_has_another_size(self):
        self.write("s.tar", tar_of({"a/1.png": noise(1), "b/2.png": noise(2), "c/3.png": noise(3, 128)}))
        self.assertIn("s.tar has changed since it was measured", self.note(self.page_of(self.profile)))

    def test_another_image_under_the_same_name(self):
        self.write("s.tar", tar_of({"a/1.png": noise(8), "b/2.png": noise(9)}))
        page = self.page_of(self.profile)
        self.assertEqual(page.all("img"), [])
        self.assertIn("2 of 2 could not be found again", self.note(page))

    def test_larger_sources_than_asked_for(self):
        self.assertIn("over 1000 bytes", self.note(self.page_of(self.profile, "--thumbnails", "1000")))

    def test_a_folder_that_is_another_one_by_now(self):
        """What was measured as "." may be a whole home, where the report is made."""
        self.write_tree("small", {"a/1.png": noise(1), "b/2.png": noise(2)})
        profile = self.saved("small")
        with open(self.path("small/film"), "wb") as film:
            film.truncate(3 << 30)
        self.assertIn("over 1073741824 bytes", self.note(self.page_of(profile)))

    def test_none_asked_for(self):
        page = self.page_of(self.profile, "--thumbnails", "0")
        self.assertEqual(page.all("img"), [])
        self.assertNotIn("Pictures are missing", page.root.text)

    def test_standard_input(self):
        self.expect(0, "dataset", "-", "--json", "q.json", "--quiet", stdin=self.read("s.tar"))
        self.assertIn("standard input", self.note(self.page_of("q.json")))


if __name__ == "__main__":
    unittest.main()
