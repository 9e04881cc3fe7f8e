"""What people in France begin a password with, most used first: zxcvbn's own lists are English."""

from __future__ import annotations

KEYBOARD_ROWS = """
azerty azertyuiop azertyui azertyu azer qsdfghjklm qsdfghjkl qsdfgh qsdf wxcvbn wxcv aqwzsx aqwzsxedc aqwxsz azeqsd
azeqsdwxc azesqd zaqxsw nhyujm poiuytreza mlkjhgfdsq nbvcxw ytreza &é"'(-è_çà &é"'(-è_ç &é"'(-è &é"'(-
"""
"""AZERTY as the fingers run over it; QWERTY and the figures beside it are in zxcvbn."""

FRENCH = """
motdepasse mdp passe motdepass monmotdepasse bonjour soleil doudou loulou chouchou marseille jetaime coucou nicolas
cheval chocolat iloveyou camille vanille thomas julien caramel alexandre maman papa mamanpapa papamaman isabelle
football bonheur sandrine caroline nathalie princesse valentin amour toulouse lyon paris france mercredi vendredi
samedi dimanche lundi mardi jeudi janvier février mars avril mai juin juillet août septembre octobre novembre décembre
printemps automne hiver été vacances noël anniversaire maison chat chien minou minouche poupette bébé ange
étoile lune ciel mer plage montagne fleur rose papillon lapin oiseau tigre lion loup dragon licorne dauphin
bordeaux lille nantes strasbourg rennes nice montpellier grenoble bretagne normandie corse alsace provence
olympique olympiquedemarseille allezlom psg parissaintgermain asse sochaux zidane ronaldo mbappe platini
monamour moncoeur mavie mabelle monbébé lafamille famille enfants enfant fils fille garçon frère soeur père mère
pierre jean michel philippe alain patrick christophe laurent frédéric sébastien stéphane david olivier pascal éric
marie sophie catherine sylvie valérie christine véronique céline aurélie émilie julie laura manon léa emma chloé inès
louis lucas hugo nathan enzo gabriel arthur jules adam raphaël antoine maxime quentin romain kevin clément mathieu
martin bernard dubois durand leroy moreau simon lefebvre michel garcia
secret secrète privé bienvenue connexion utilisateur administrateur admin administration gestion bureau travail
entreprise société boulot chef patron compta comptabilité facture commande client clients livraison livraisons colis
colissimo transport transports expédition logistique entrepôt camion poste laposte courrier portail compte internet
ordinateur clavier souris téléphone portable voiture moto vélo peugeot renault citroen
rouge bleu vert jaune noir blanc orange violet rougevertbleu merci salut aurevoir oui non bravo super génial toto titi
tata tutu totoro bidule machin truc azerty123 changeme changezmoi nouveau nouvelle provisoire temporaire test essai
liberté égalité fraternité libertéégalitéfraternité vivelafrance cocorico baguette fromage croissant camembert
"""
"""The lists published after leaks name these again and again."""
