"""The words that made-up parcels and pickup points are put together from."""

# ruff: noqa: E501, SIM905

SEED = "colibox"
"""What is drawn from these words is the same everywhere."""

FIRST = "Adèle Agathe Alain Alice Amélie André Anne-Laure Antoine Arthur Assia Aurélie Benoît Bruno Camille Céline Chloé Claire Daniel David Djamila Édouard Élise Emma Éric Étienne Fatou Florian François Gaëlle Guillaume Hélène Hugo Inès Issa Jean-Marc Jérôme Julie Karim Laurent Léa Louis Lucie Maël Malika Manon Marc Mathilde Maxime Mehdi Michel Nathalie Nicolas Noémie Océane Pascal Paul Pauline Philippe Quentin Rachida Romain Sarah Sébastien Solène Sophie Stéphane Théo Thi-Mai Thomas Valérie Victor Wassim Xavier Yann Yasmine Zoé".split()
LAST = "Adam|Arnaud|Barbier|Belkacem|Benoit|Bernard|Bertrand|Blanchard|Bonnet|Boulanger|Bouvier|Brun|Caron|Chevalier|Clément|Colin|Da Silva|David|Delattre|Denis|Deschamps|Diallo|Dubois|Dufour|Dumont|Dupont|Durand|Étienne|Fabre|Faure|Fernandez|Fontaine|Fournier|Gaillard|Garcia|Garnier|Gauthier|Gérard|Girard|Guérin|Guillot|Haddad|Henry|Hubert|Jacquet|Joly|Klein|Lacroix|Lambert|Laurent|Le Gall|Lefèvre|Legrand|Lemaire|Leroux|Lopez|Lucas|Marchand|Marie|Martin|Mercier|Meunier|Morel|Moulin|Müller|N’Diaye|Nguyen|Noël|Ollivier|Perrin|Petit|Picard|Quéméneur|Renard|Richard|Rivière|Robert|Roche|Rousseau|Roux|Roy|Sanchez|Schmitt|Simon|Thomas|Vasseur|Vidal|Vincent|Weber|Zimmermann".split(
    "|"
)
COMPANIES = "Garage|Boulangerie|Pharmacie|Cabinet|Menuiserie|Librairie|Atelier|Institut|Fleurs|Optique".split("|")

WAYS = ("rue", "rue", "rue", "avenue", "boulevard", "place", "allée", "impasse", "chemin", "quai")
NAMES = "de la République|Victor-Hugo|Jean-Jaurès|de la Gare|Pasteur|du Général-de-Gaulle|des Lilas|de l’Église|Gambetta|du Moulin|des Écoles|Jules-Ferry|de la Mairie|des Tilleuls|Voltaire|de Verdun|du Stade|Émile-Zola|des Acacias|de la Fontaine|Nationale|des Vignes|du 8-Mai-1945|Anatole-France|de la Liberté|du Château".split(
    "|"
)

SHOPS = "TABAC PRESSE|TABAC DE LA GARE|LE CALUMET|LA CIVETTE|PROXI|LE FOURNIL|EPICERIE DU MARCHE|PRESSING DES HALLES|CORDONNERIE MODERNE|FLEURS ET NATURE|LIBRAIRIE DU CENTRE|LE BALTO|CAVE DES REMPARTS|BAR LE NARVAL|MERCERIE AU FIL|CYCLES DU PARC|PHOTO SERVICE|TELEPHONIE EXPRESS|ALIMENTATION GENERALE|SUPERETTE DU PONT".split(
    "|"
)
QUARTERS = (
    "CENTRE|GARE|REPUBLIQUE|HOTEL DE VILLE|LES HALLES|SAINT MICHEL|JEAN JAURES|LE PORT|UNIVERSITE|LA POSTE".split("|")
)
HINTS = (
    "",
    "",
    "",
    "À côté de la boulangerie",
    "Face à la gare",
    "Entrée par la cour",
    "Au fond de la galerie marchande",
)

ABROAD = (
    ("BE", "BRUXELLES", "1000", True), ("BE", "LIEGE", "4000", True), ("DE", "BERLIN", "10115", True),
    ("DE", "KOLN", "50667", True), ("ES", "MADRID", "28001", True), ("ES", "BARCELONA", "08001", True),
    ("IT", "MILANO", "20121", True), ("NL", "AMSTERDAM", "1012", True), ("PT", "LISBOA", "1100-148", True),
    ("LU", "LUXEMBOURG", "1311", True), ("CH", "GENEVE", "1201", False), ("GB", "LONDON", "SW1A 1AA", False),
    ("CA", "MONTREAL", "H2Y 1C6", False),
)  # fmt: skip
"""Country, town, postcode, and whether no customs lie between."""

HUBS = (
    ("62138", "DOUVRIN"), ("92230", "GENNEVILLIERS"), ("91070", "BONDOUFLE"), ("77550", "MOISSY CRAMAYEL"),
    ("45770", "SARAN"), ("35650", "LE RHEU"), ("44470", "CARQUEFOU"), ("33610", "CESTAS"),
    ("31620", "CASTELNAU D ESTRETEFONDS"), ("34670", "BAILLARGUES"), ("13480", "CABRIES"), ("69800", "ST PRIEST"),
    ("54710", "LUDRES"), ("67116", "REICHSTETT"), ("21600", "LONGVIC"), ("63360", "GERZAT"), ("06510", "CARROS"),
    ("76120", "LE GRAND QUEVILLY"), ("20290", "BORGO"),
)  # fmt: skip
"""Where parcels are sorted."""
AIRPORT = ("95700", "ROISSY EN FRANCE")
