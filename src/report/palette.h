/* nofade: the colours of the figures. Series: Okabe and Ito's palette, which people see apart whatever their sight, its yellow
 * darkened for white paper; no series is told apart by colour alone.
 *
 * In the SVG of a figure every colour is one of these, written as fill="#rrggbb" or stroke="#rrggbb" in lower case, so that a
 * style sheet can map each to another: `svg [stroke="#0072b2"]`. The cells of a heat map are the one exception. */
#ifndef NF_REPORT_PALETTE_H
#define NF_REPORT_PALETTE_H

#define NF_COLOUR_INK "#1a1a1a"   /* text, axes */
#define NF_COLOUR_MUTED "#6e6e6e" /* second lines of text, points that are not the matter */
#define NF_COLOUR_GRID "#dcdcdc"
/* Text in the cells of a heat map, which look the same in every mode, and rims: not to be mapped. */
#define NF_COLOUR_ON_DARK "#ffffff"
#define NF_COLOUR_ON_LIGHT "#010101"

enum { NF_COLOUR_SERIES = 8 };
#define NF_COLOUR_SERIES_LIST                                                                                                   \
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8c7d00", "#000000"

#endif
