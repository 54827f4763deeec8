package example.greeting;

import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Greets whoever asks. */
@RestController
public class GreetingController {
    /** What is answered, as JSON. */
    public record Greeting(String message) {
    }

    @GetMapping("/greeting")
    public Greeting greet(@RequestParam(name = "name", defaultValue = "world") String name) {
        return new Greeting("Hello, " + name);
    }
}
