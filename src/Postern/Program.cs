Console.WriteLine("postern");
