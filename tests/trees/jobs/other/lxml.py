import sys
sys.path.pop(0)
from lxml import etree
root = etree.fromstring("<a><b x='1'>t</b></a>")
print(root.xpath("//b/@x"), etree.tostring(root))
sheet = etree.XSLT(etree.XML(
    "<xsl:stylesheet version='1.0' xmlns:xsl='http://www.w3.org/1999/XSL/Transform'>"
    "<xsl:template match='/'><o><xsl:value-of select='//b'/></o></xsl:template></xsl:stylesheet>"))
print(str(sheet(root)))
