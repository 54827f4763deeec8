package example.greeting;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class GreetingControllerTest {
    @Test
    void greetsByName() {
        assertEquals("Hello, Ada", new GreetingController().greet("Ada").message());
    }
}
